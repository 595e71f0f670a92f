// `npm run bench -- NAME`: the benchmarks, run by hand, one at a time; without a name it lists them.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const names = readdirSync(here)
  .filter((name) => name.endsWith('.ts') && name !== 'main.ts')
  .map((name) => name.replace(/\.ts$/, ''))
const [name, ...rest] = process.argv.slice(2)

/** First comment line of a benchmark. */
const about = (one: string): string =>
  /^(?:\/\/|\/\*\*)\s*(.*?)(?:\s*\*\/)?$/m.exec(readFileSync(join(here, `${one}.ts`), 'utf8'))?.[1] ?? ''

if (name === undefined || !existsSync(join(here, `${name}.ts`))) {
  for (const one of names) console.log(`${one.padEnd(14)}${about(one)}`)
  process.exit(name === undefined ? 0 : 2)
}
process.exit(spawnSync(process.execPath, [join(here, `${name}.ts`), ...rest], { stdio: 'inherit' }).status ?? 1)
