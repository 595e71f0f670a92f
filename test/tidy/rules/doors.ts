/** Rule 2: one door for each part of the outside. */
import type { Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'
import { folderOf } from './arrows.ts'

/** Folders that may touch the network, processes, databases, clocks and the terminal. */
const OUTSIDE = ['io', 'platforms', 'entries']
/** Builtin modules without effects. */
const PURE_BUILTINS = ['node:path', 'node:url', 'node:util', 'node:crypto', 'node:buffer', 'node:assert', 'node:events']
/** What of them has an effect all the same. */
const CHANCE = ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync', 'getRandomValues', 'webcrypto', '*']
const AMBIENT = [
  'Date',
  'process',
  'console',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'WebSocket',
  'crypto',
  'globalThis',
]

const STAGE_FOLDERS = ['config', 'model', 'oci', 'plan', 'release', 'evidence', 'gates', 'record', 'training']
/** Builtins with an effect that one file may have. */
const ONE_FILE: Readonly<Record<string, string>> = { 'node:vm': 'src/evidence/evaluators/regex.ts' }

/** Which folders and files a package may be used in. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@oclif/core': ['base-command.ts', 'person-command.ts', 'dispatch.ts', 'commands', 'src/view/help.ts'],
  'cli-table3': ['view'],
  'simple-git': ['io'],
  prompts: ['io'],
  yaml: ['config'],
  canonicalize: ['kit'],
  // Pure, and the one way to read what comes from outside.
  zod: [...STAGE_FOLDERS, 'flows', 'kit'],
  ignore: ['model', 'oci', 'io'],
}
const packageOf = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/')

export function doors({ files }: Tree): Violation[] {
  return files.flatMap((file) => {
    const here = folderOf(file.path)
    const outside = OUTSIDE.includes(here)
    const found: Violation[] = []
    for (const edge of file.imports) {
      if (edge.from.startsWith('.')) continue
      if (edge.from.startsWith('node:')) {
        const chance = edge.from === 'node:crypto' && edge.names.some((name) => CHANCE.includes(name))
        if (
          !outside &&
          !edge.typeOnly &&
          (chance || !PURE_BUILTINS.includes(edge.from)) &&
          ONE_FILE[edge.from] !== file.path
        )
          found.push(
            violation(
              file.path,
              `${edge.from}${chance ? ` (${edge.names.join(', ')})` : ''} belongs to io/ or platforms/`,
            ),
          )
        continue
      }
      const places = PACKAGES[packageOf(edge.from)]
      if (places === undefined) found.push(violation(file.path, `${edge.from} is no package that slipway uses`))
      else if (!places.includes(here) && !places.includes(file.path))
        found.push(violation(file.path, `${edge.from} belongs to ${places.join(', ')}`))
    }
    if (outside) return found
    const locals = new Set(file.declared.map(({ name }) => name))
    for (const { name, line } of file.reads) {
      const ambient = name.split('.')[0]!
      if (name === 'Math.random' || (AMBIENT.includes(ambient) && !locals.has(ambient)))
        found.push(violation(file.path, `${name} belongs to io/, platforms/ or entries/`, line))
    }
    return found
  })
}

const OPENING = /^(open|read|write|append|copy|cp|create|truncate|watch|promises|default|\*)/

/** SQLite's locks end where any descriptor of the file closes: nobody opens a database by the file system. */
export function databases({ files }: Tree): Violation[] {
  return files.flatMap((file) => {
    const opens =
      file.imports.some(
        ({ from, names, typeOnly }) =>
          !typeOnly && /^node:fs(\/promises)?$/.test(from) && names.some((name) => OPENING.test(name)),
      ) || file.reads.some(({ name }) => /^(systemFiles|files)\.(open|read|write|create|copy|clone)$/.test(name))
    if (!opens) return []
    return file.strings
      .filter(({ name }) => /\.db(\b|-)/.test(name))
      .map(({ name, line }) => violation(file.path, `${JSON.stringify(name)} in a file that opens files`, line))
  })
}
