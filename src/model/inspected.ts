/** What `slipway inspect` tells of a version: one value for text and JSON. Pure. */
import type { Digest, Lineage, ModelHeader, ServingSpec, TensorInfo } from './types.ts'

export interface InspectedFile {
  /** As in the image: models/… or app/…. */
  readonly path: string
  readonly size: number
  /** For files with a layer of their own that of the layer; null where nothing was packed. */
  readonly sha256: string | null
  readonly weight: boolean
}
export interface InspectedHeader {
  readonly format: ModelHeader['format']
  readonly parameters: number
  readonly tensors: number
  /** How many tensors of each dtype. */
  readonly dtypes: Readonly<Record<string, number>>
  readonly metadata: ModelHeader['metadata']
  readonly files: readonly string[]
}
/** How it serves; of its environment the names alone. */
export type InspectedServing = Omit<ServingSpec, 'env'> & { readonly env: readonly string[] }

export const inspectedServing = (serving: ServingSpec): InspectedServing => ({
  ...serving,
  env: Object.keys(serving.env),
})

export interface Inspected {
  readonly model: string
  /** null: a path that is not packed. */
  readonly digest: Digest | null
  readonly tags: readonly string[]
  /** When the first tag was made; ISO time, UTC. */
  readonly createdAt: string | null
  readonly lineage: Lineage
  readonly serving: InspectedServing
  readonly modelPath: string
  readonly header: InspectedHeader | null
  readonly layers: readonly { readonly digest: Digest; readonly size: number; readonly files: number }[]
  readonly bytes: number
  readonly fileCount: number
  /** With --files. */
  readonly files: readonly InspectedFile[] | null
  /** With --tensors. */
  readonly tensors: readonly TensorInfo[] | null
  readonly notes: readonly string[]
}
/** The header for people: tensors counted instead of listed. */
export function headerSummary({ format, parameters, tensors, metadata, files }: ModelHeader): InspectedHeader {
  const dtypes = Object.entries(Object.groupBy(tensors, (tensor) => tensor.dtype))
  const counts = Object.fromEntries(dtypes.map(([dtype, own]) => [dtype, own?.length ?? 0]))
  return { format, parameters, tensors: tensors.length, dtypes: counts, metadata, files }
}
