// Imported before a command: writes what its process has used into the file that USAGE names, when it ends.
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  const { maxRSS } = process.resourceUsage()
  writeFileSync(process.env.USAGE, JSON.stringify({ cpu: (user + system) / 1e6, rss: maxRSS * 1024 }))
})
