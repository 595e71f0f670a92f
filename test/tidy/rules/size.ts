/** Rule 3: what fits in a head, and names that say something. */
import type { Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'
import { folderOf } from './arrows.ts'

const FILE_LINES = 300
const FUNCTION_LINES = 70
const MEDIAN_LINES = 110
/** Shorter bounds of some places. */
const BOUNDS: Readonly<Record<string, number>> = { commands: 80, flows: 120, 'base-command.ts': 120 }

export function sizes({ files }: Tree): Violation[] {
  const found = files.flatMap((file) => {
    const most = BOUNDS[folderOf(file.path)] ?? FILE_LINES
    const long = file.lines > most ? [violation(file.path, `${file.lines} lines, more than ${most}`)] : []
    const functions = file.functions.filter(({ lines }) => lines > FUNCTION_LINES)
    return [
      ...long,
      ...functions.map(({ name, line, lines }) =>
        violation(file.path, `${name} has ${lines} lines, more than ${FUNCTION_LINES}`, line),
      ),
    ]
  })
  const sorted = files.map((file) => file.lines).sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return median > MEDIAN_LINES ? [...found, violation('src', `the median file has ${median} lines`)] : found
}

const EMPTY = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'manager',
  'managers',
  'service',
  'services',
  'handler',
  'handlers',
])
/** `slipway local service` is a word of users: systemd's. */
const MAY = new Set(['src/commands/local/service.ts', 'LocalService'])
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)

export function names({ files }: Tree): Violation[] {
  return files.flatMap((file) => {
    const says = (name: string): boolean => !MAY.has(name) && wordsOf(name).some((word) => EMPTY.has(word))
    const own = says(file.path) ? [violation(file.path, 'is a name that says nothing')] : []
    const inside = file.declared.filter(({ name }) => says(name))
    return [
      ...own,
      ...inside.map(({ name, line }) => violation(file.path, `${name} is a name that says nothing`, line)),
    ]
  })
}
