/** Which files of a folder belong to a model: patterns, links, a fixed order. */
import { basename, dirname, join, sep } from 'node:path'
import ignore from 'ignore'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { FileFacts, Files, Found, WalkRules } from './files.ts'

const NEVER = new Set(['.git', '.slipway'])
const MAX_FILES = 100_000
const MAX_DEPTH = 64

type Looking = Pick<Files, 'facts' | 'list' | 'resolve'>

interface Walk {
  readonly files: Looking
  readonly root: string
  readonly rules: WalkRules
  readonly included: (path: string) => boolean
  readonly excluded: (path: string) => boolean
  readonly found: Map<string, Found>
}

const inside = (folder: string, path: string): boolean => path === folder || path.startsWith(folder + sep)

/** The Hugging Face cache of a model (`models--ORG--NAME`) that a path lies in. */
function cacheOf(path: string): string | undefined {
  for (let here = path; dirname(here) !== here; here = dirname(here))
    if (basename(here).startsWith('models--')) return here
  return undefined
}

/** Where a link leads; throws LINK_REFUSED where that is outside and nobody said that links may leave. */
async function follow(walk: Walk, link: string, path: string): Promise<string> {
  const target = await walk.files.resolve(link)
  if (inside(walk.root, target) || walk.rules.links === 'follow') return target
  const cache = cacheOf(walk.root)
  if (cache !== undefined && inside(cache, target)) return target
  throw new SlipwayError(
    'LINK_REFUSED',
    `${visible(path)} is a link that leaves the folder, to ${visible(target)}; to take what it leads to, write \`links: follow\` under artifact`,
    {
      where: [{ file: link }],
    },
  )
}

function add(walk: Walk, path: string, file: string, facts: FileFacts): void {
  const name = path.normalize('NFC')
  if (walk.found.has(name))
    throw new SlipwayError(
      'FILE_UNREADABLE',
      `two files are named ${visible(name)}, in different Unicode forms; rename one`,
    )
  if (walk.found.size >= MAX_FILES)
    throw new SlipwayError(
      'FILE_UNREADABLE',
      `${visible(walk.root)} holds more than ${MAX_FILES} files; narrow it by artifact.include`,
    )
  walk.found.set(name, { path: name, file, size: facts.size, executable: (facts.mode & 0o100) !== 0 })
}

async function visit(walk: Walk, file: string, path: string, above: readonly string[]): Promise<void> {
  if (walk.excluded(path)) return
  let facts = await walk.files.facts(file, { follow: false })
  let real = file
  if (facts?.kind === 'link') {
    // What does not belong to the model may link wherever it likes.
    if (!walk.included(path) && (await walk.files.facts(file))?.kind !== 'folder') return
    real = await follow(walk, file, path)
    facts = await walk.files.facts(real)
  }
  if (facts === null)
    throw new SlipwayError('FILE_UNREADABLE', `${visible(path)} went away, or its name is not UTF-8`, {
      where: [{ file }],
    })
  if (facts.kind === 'folder') return enter(walk, real, path, above)
  if (facts.kind === 'file' && walk.included(path)) add(walk, path, real, facts)
}

async function enter(walk: Walk, folder: string, path: string, above: readonly string[]): Promise<void> {
  if (above.includes(folder)) return
  if (above.length > MAX_DEPTH)
    throw new SlipwayError('FILE_UNREADABLE', `${visible(path)} lies deeper than ${MAX_DEPTH} folders`, {
      where: [{ file: folder }],
    })
  if (path !== '' && walk.excluded(`${path}/`)) return
  for (const name of await walk.files.list(folder))
    if (!NEVER.has(name))
      await visit(walk, join(folder, name), path === '' ? name : `${path}/${name}`, [...above, folder])
}

const matcher = (patterns: readonly string[]): ((path: string) => boolean) => {
  const rules = ignore().add([...patterns])
  return (path) => patterns.length > 0 && rules.ignores(path)
}
/** The last pattern that fits decides; a folder's pattern holds for all below it, and `!` takes away again. */
const lastMatch = (patterns: readonly string[]): ((path: string) => boolean) => {
  const rules = patterns.map((pattern) => {
    const takes = !pattern.startsWith('!')
    return { takes, fits: matcher([takes ? pattern : pattern.slice(1)]) }
  })
  return (path) => rules.findLast((rule) => rule.fits(path))?.takes ?? false
}
const byPath = (a: Found, b: Found): number => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))

/** See `Files.walk`. Throws FILE_UNREADABLE, LINK_REFUSED, PERMISSION. */
export async function walk(files: Looking, start: string, rules: WalkRules): Promise<readonly Found[]> {
  const root = await files.resolve(start)
  const facts = await files.facts(root)
  if (facts?.kind === 'file')
    return [
      { path: basename(start).normalize('NFC'), file: root, size: facts.size, executable: (facts.mode & 0o100) !== 0 },
    ]
  if (facts?.kind !== 'folder')
    throw new SlipwayError('FILE_UNREADABLE', `${visible(start)} is neither a file nor a folder`, {
      where: [{ file: start }],
    })
  const included = rules.include.length === 0 ? () => true : lastMatch(rules.include)
  const state: Walk = { files, root, rules, included, excluded: matcher(rules.exclude), found: new Map() }
  await enter(state, root, '', [])
  return [...state.found.values()].sort(byPath)
}
