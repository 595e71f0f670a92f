/** Rule 5: each command shows an example that a test runs; and what comes later does not exist yet. */
import type { SourceFile, Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'

const COMMAND = /^src\/commands\/(.+)\.ts$/

/** The example lines of a command: strings in `static examples`. */
function examplesOf(file: SourceFile): string[] {
  const from = file.text.indexOf('static override examples')
  const first = file.text.slice(0, from).split('\n').length
  const end = file.text.indexOf('\n  static', from + 1)
  const last = from === -1 ? 0 : file.text.slice(0, end === -1 ? undefined : end).split('\n').length
  return file.strings
    .filter(({ name, line }) => line >= first && line <= last && name.startsWith('<%= config.bin %> '))
    .map(({ name }) => name.slice('<%= config.bin %> '.length))
}

/** An example counts as run where a test holds it as `slipway EXAMPLE` or `EXAMPLE`, as it stands. */
export function examples({ files }: Tree): Violation[] {
  const typed = new Set(
    files
      .filter(({ path }) => /^test\/.*\.ts$/.test(path))
      .flatMap((file) => file.strings.map(({ name }) => name.replace(/^slipway /, ''))),
  )
  return files
    .filter(({ path }) => COMMAND.test(path))
    .flatMap((file) => {
      const shown = examplesOf(file)
      if (shown.length === 0) return [violation(file.path, 'shows no example')]
      return shown.filter((line) => !typed.has(line)).map((line) => violation(file.path, `no test runs \`${line}\``))
    })
}

const LATER_COMMANDS = [
  'push',
  'pull',
  'copy',
  'diff',
  'verify',
  'sign',
  'approve',
  'reject',
  'approvals',
  'promote',
  'run',
  'audit',
  'platform',
  'release/simulate',
]
const LATER_FILES = /^src\/(platforms\/kubernetes|io\/registry|config\/templates\/(vllm|sglang|triton))/
const LATER_FLAGS: Readonly<Record<string, readonly string[]>> = { 'src/commands/pack.ts': ['push', 'format', 'base'] }

/** What a later issue brings: no command, no flag, no folder of it. */
export function later({ files }: Tree): Violation[] {
  return files.flatMap((file) => {
    const id = COMMAND.exec(file.path)?.[1] ?? ''
    const topic = id.split('/')[0]!
    const found: Violation[] = []
    if (LATER_COMMANDS.some((name) => name === id || name === topic)) found.push(violation(file.path, 'comes later'))
    if (LATER_FILES.test(file.path)) found.push(violation(file.path, 'comes later'))
    for (const flag of LATER_FLAGS[file.path] ?? [])
      if (new RegExp(`^\\s+${flag}: Flags\\.`, 'm').test(file.text))
        found.push(violation(file.path, `--${flag} comes later`))
    return found
  })
}

/** What a command prints with --json names a schema that `slipway schema` can print. */
export function schemas({ files }: Tree): Violation[] {
  const table = files.find(({ path }) => path === 'src/flows/schema.ts')?.text ?? ''
  const known = new Set([...table.matchAll(/^ {2}'?([a-z][a-z-]*)'?: \{/gm)].map((found) => found[1]))
  return files
    .filter(({ path }) => COMMAND.test(path))
    .flatMap((file) => {
      const name = /^ {2}static override schema = '([a-z-]+)'$/m.exec(file.text)?.[1]
      if (name === undefined) return [violation(file.path, 'names no schema')]
      return known.has(name) ? [] : [violation(file.path, `\`slipway schema ${name}\` knows nothing of it`)]
    })
}
