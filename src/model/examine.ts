/** From files to what a model is and whether it may be shipped; nothing is loaded. */
import type { ModelFile } from './bytes.ts'
import { elements } from './format.ts'
import { FORMATS } from './index.ts'
import type { ModelHeader } from './types.ts'

/** A line of artifact.allow. */
export interface Allowed {
  readonly file: string
  readonly kind: string
  readonly reason: string
  readonly sha256: string | null
}
export interface Examined {
  readonly header: ModelHeader | null
  /** Paths of the model files that hold tensors: one layer each. */
  readonly weights: ReadonlySet<string>
  readonly notes: readonly string[]
}

/**
 * Reads headers and applies the file policy.
 * Throws MODEL_INVALID, MODEL_TRUNCATED, MODEL_NOT_A_MODEL, FILE_REFUSED.
 */
export async function examine(
  models: readonly ModelFile[],
  _app: readonly ModelFile[],
  _allow: readonly Allowed[],
): Promise<Examined> {
  const all = new Map(models.map((file) => [file.path, file]))
  const headers: ModelHeader[] = []
  const notes: string[] = []
  for (const reader of FORMATS) {
    const own = models.filter((file) => reader.endings.some((ending) => file.path.toLowerCase().endsWith(ending)))
    if (own.length === 0) continue
    const { tensors, metadata, files, notes: said } = await reader.read(own, all)
    const parameters = tensors.reduce((sum, tensor) => sum + (elements(tensor.shape) ?? 0), 0)
    headers.push({ format: reader.format, files, tensors, parameters, metadata })
    notes.push(...said)
  }
  const bytes = (header: ModelHeader) => header.files.reduce((sum, path) => sum + (all.get(path)?.size ?? 0), 0)
  const [main = null] = [...headers].sort((a, b) => bytes(b) - bytes(a))
  return { header: main, weights: new Set(headers.flatMap((header) => header.files)), notes }
}
