/** What `slipway pack` tells: nothing of the environment, no absolute path. Pure. */
import type { Digest, Lineage, ModelVersion } from './types.ts'

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
