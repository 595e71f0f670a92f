/** The file policy: what is known to be harmless passes, all else needs a line under artifact.allow. */
import { createHash } from 'node:crypto'
import ignore from 'ignore'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { Bytes, ModelFile } from './bytes.ts'
import { type Danger, dangerOf, hidden } from './danger.ts'
import { HARMLESS } from './harmless.ts'
import { textFacts } from './text.ts'

/** A line of artifact.allow. */
export interface Allowed {
  readonly file: string
  readonly kind: string
  readonly reason: string
  readonly sha256: string | null
}
/** A file that nothing but its allow: line lets pass, or would. */
export interface Refusal extends Danger {
  readonly path: string
}

/** How a file is used: as tensors of a known format, beside the model, or as the server's code. */
export type Use = 'weight' | 'companion' | 'code'

const quoted = (text: string): string => (/^[\w][\w./-]*$/.test(text) ? text : JSON.stringify(text))

/** The line to paste under artifact.allow. */
const allowLine = ({ path, kind }: Refusal): string => `{file: ${quoted(path)}, kind: ${kind}, reason: "trained by us"}`

async function sha256(bytes: Bytes): Promise<string> {
  const hash = createHash('sha256')
  const piece = new Uint8Array(2 ** 20)
  for (let at = 0; at < bytes.size; ) {
    const got = await bytes.read(piece, at)
    if (got === 0) break
    hash.update(piece.subarray(0, got))
    at += got
  }
  return hash.digest('hex')
}

/** What is wrong with a file, or null; `notes` gains what a person should know of one that passes. */
async function judged(file: ModelFile, use: Use, bytes: Bytes, notes: string[]): Promise<Danger | null> {
  const found = await hidden(bytes)
  if (found !== null || use === 'weight') return found
  // Code is run because somebody said so; what is asked of it is that it can be read.
  if (use === 'code' && (await textFacts(bytes, [])).text) return null
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  const fits = HARMLESS.find((one) => one.name.test(name))
  if (!fits) return dangerOf(file.path, bytes)
  const why = await fits.check(bytes)
  if (why !== null) {
    const danger = await dangerOf(file.path, bytes)
    return danger.kind === 'text' ? { kind: fits.kind, why: `no plain ${fits.kind}: ${why}` } : danger
  }
  if (fits.note !== undefined) notes.push(`${visible(file.path)} ${fits.note}`)
  return null
}

/** A line that lets this refusal pass; throws where its pin does not fit the bytes. */
async function excused(refusal: Refusal, bytes: Bytes, allow: readonly Allowed[]): Promise<Allowed | null> {
  const line = allow.find((one) => one.kind === refusal.kind && ignore().add(one.file).ignores(refusal.path))
  if (!line) return null
  if (line.sha256 !== null) {
    const is = await sha256(bytes)
    if (is !== line.sha256)
      throw new SlipwayError(
        'FILE_REFUSED',
        `${visible(refusal.path)} is not the file that its allow: line pins: its sha256 is ${is}`,
        { where: [{ file: refusal.path }] },
      )
  }
  return line
}

export interface PolicyResult {
  readonly refused: readonly Refusal[]
  /** Paths that passed by their allow: line alone. */
  readonly excused: readonly string[]
  readonly notes: readonly string[]
}

/** Judges every file. Throws FILE_REFUSED only for a pin that does not fit; `refuse` throws for the rest. */
export async function judge(
  files: readonly { file: ModelFile; use: Use }[],
  allow: readonly Allowed[],
): Promise<PolicyResult> {
  const refused: Refusal[] = []
  const passed: string[] = []
  const notes: string[] = []
  for (const { file, use } of files)
    await file.use(async (bytes) => {
      const danger = await judged(file, use, bytes, notes)
      if (danger === null) return
      const refusal = { path: file.path, kind: danger.kind, why: danger.why }
      const line = await excused(refusal, bytes, allow)
      if (line === null) refused.push(refusal)
      else {
        passed.push(file.path)
        notes.push(`${visible(file.path)} is ${visible(danger.why)}; allowed: ${visible(line.reason)}`)
      }
    })
  return { refused, excused: passed, notes }
}

const SHOWN = 8

/** Throws FILE_REFUSED with the reason and the line to paste, for the first; the lines of the others follow in `next`. */
export function refuse(refused: readonly Refusal[]): void {
  const [first, ...others] = refused
  if (!first) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  throw new SlipwayError(
    'FILE_REFUSED',
    `${visible(first.path)} is ${visible(first.why)}${more}; to take it all the same, add under artifact: allow: [${allowLine(first)}]`,
    {
      where: refused.slice(0, SHOWN).map(({ path }) => ({ file: path })),
      next: others.length === 0 ? [] : [`allow: [${refused.slice(0, SHOWN).map(allowLine).join(', ')}]`],
    },
  )
}
