/** A packed version as text. */
import { shorten, visible } from '../kit/text.ts'
import { formatSize } from '../kit/units.ts'

interface Shown {
  readonly model: string
  readonly tag: string
  readonly digest: string
  readonly created: boolean
  readonly dryRun: boolean
  readonly bytes: number
  readonly files: number
  readonly weights: readonly { readonly path: string; readonly size: number }[]
  readonly code: readonly string[]
  readonly notes: readonly string[]
  readonly layout: string | null
  readonly undo: string | null
}

const SHOWN = 12

export function packedText(packed: Shown): string {
  const { model, tag, digest, created, dryRun, code } = packed
  const did = dryRun ? 'would be packed as' : created ? 'packed as' : 'is packed already as'
  const lines = [`${model}:${tag} ${visible(digest)}`]
  lines.push(`${did} ${tag}: ${packed.files} ${packed.files === 1 ? 'file' : 'files'}, ${formatSize(packed.bytes)}`)
  for (const one of packed.weights.slice(0, SHOWN)) lines.push(`weights ${visible(one.path)} ${formatSize(one.size)}`)
  if (packed.weights.length > SHOWN) lines.push(`… and ${packed.weights.length - SHOWN} more files of weights`)
  const listed = code.slice(0, SHOWN).map((path) => visible(path))
  if (code.length > SHOWN) listed.push(`… and ${code.length - SHOWN} more`)
  lines.push(code.length === 0 ? 'code: none (the command names no file of the project)' : `code: ${listed.join(', ')}`)
  for (const note of packed.notes) lines.push(`note: ${visible(shorten(note, 300))}`)
  if (packed.layout !== null) lines.push(`layout: ${visible(packed.layout)}`)
  if (!dryRun) lines.push(`next: slipway release start ${model}:${tag}`)
  if (packed.undo !== null) lines.push(`undo: ${packed.undo}`)
  return `${lines.join('\n')}\n`
}
