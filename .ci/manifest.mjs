// Writes oclif.manifest.json from the built commands (--write), or compares: exit 1 where the two differ.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const file = join(root, 'oclif.manifest.json')

/** The text that the file must have. */
async function manifestText() {
  settings.enableAutoTranspile = false
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  const { commands, version } = plugin.manifest
  const sorted = Object.fromEntries(Object.entries(commands).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ commands: sorted, version }, null, 2)}\n`
}

const text = await manifestText()
if (process.argv.includes('--write')) writeFileSync(file, text)
else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error('oclif.manifest.json is not what the commands say; run `npm run manifest` and commit it')
  process.exitCode = 1
}
