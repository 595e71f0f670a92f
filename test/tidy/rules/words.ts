/** What no file says: promises for later, places of one machine; and what no test does: skip, or mock own modules. */
import type { Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'

const PROMISES = /\b(TODO|FIXME|XXX|HACK)\b|not (yet )?implemented|\bstub(s|bed)?\b/i
const PLACES = /\/(work|root|home\/[a-z]+)\/[a-z]/
const SKIPPING = /\b(it|test|describe)\s*\.\s*(skip|skipIf|only|todo|fails|runIf)\b/
const MOCKING = /\bvi\s*\.\s*(mock|doMock)\s*\(\s*(import\()?['"`]\.\.?\//

const linesWith = (text: string, what: RegExp): number[] =>
  text.split('\n').flatMap((line, at) => (what.test(line) ? [at + 1] : []))

/** Of the product; `more` holds texts that are no TypeScript. */
export function promises(
  { files }: Tree,
  more: readonly { readonly path: string; readonly text: string }[] = [],
): Violation[] {
  return [...files.filter(({ path }) => !path.startsWith('test/')), ...more].flatMap(({ path, text }) => [
    ...linesWith(text, PROMISES).map((line) => violation(path, 'promises something for later', line)),
    ...linesWith(text, PLACES).map((line) => violation(path, 'names a place of one machine', line)),
  ])
}

export function tests({ files }: Tree): Violation[] {
  return files
    .filter(({ path }) => path.startsWith('test/') && !path.startsWith('test/tidy/'))
    .flatMap(({ path, text }) => [
      ...linesWith(text, SKIPPING).map((line) => violation(path, 'skips or singles out a test', line)),
      ...linesWith(text, MOCKING).map((line) => violation(path, 'replaces a module of its own', line)),
    ])
}
