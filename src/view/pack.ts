/** A packed version as text, and as the value that --json prints. */
import { shorten, visible } from '../kit/text.ts'
import { formatSize } from '../kit/units.ts'
import type { Digest, Lineage, ModelVersion } from '../model/types.ts'

/** What `slipway pack` tells: nothing of the environment, no absolute path. */
export interface PackedSummary {
  readonly model: string
  readonly tag: string
  readonly digest: Digest
  /** False where the store had this version already. */
  readonly created: boolean
  readonly dryRun: boolean
  readonly bytes: number
  readonly files: number
  /** Files with a layer of their own, below /models. */
  readonly weights: readonly { readonly path: string; readonly size: number }[]
  /** Files below /app. */
  readonly code: readonly string[]
  readonly lineage: Lineage
  readonly notes: readonly string[]
  /** As it was typed; null without -o. */
  readonly layout: string | null
  /** The command that undoes it; null: nothing was changed. */
  readonly undo: string | null
}

/** What a pack gave. */
interface Given {
  readonly version: ModelVersion
  readonly tag: string
  readonly created: boolean
  readonly code: readonly string[]
  readonly bytes: number
  readonly notes: readonly string[]
  readonly lineage: Lineage
}

export function packedSummary(
  given: Given,
  { dryRun, layout }: { readonly dryRun: boolean; readonly layout: string | null },
): PackedSummary {
  const { version, tag, created, code, bytes, notes, lineage } = given
  const { model, digest, files } = version
  const weights = files.filter((file) => file.weight).map(({ path, size }) => ({ path, size }))
  // Tags are plain files, and a version without one is what prune removes.
  const tagFile = `.slipway/store/tags/${encodeURIComponent(model)}/${encodeURIComponent(tag)}.json`
  const undo = dryRun || !created ? null : `rm ${tagFile} && slipway local prune`
  return {
    model,
    tag,
    digest,
    created,
    dryRun,
    bytes,
    files: files.length,
    weights,
    code,
    lineage,
    notes,
    layout,
    undo,
  }
}

const SHOWN = 12

export function packedText(packed: PackedSummary): string {
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
