/** From files to what a model is and whether it may be shipped; nothing is loaded. */
import { type ModelFile, slice } from './bytes.ts'
import { elements } from './format.ts'
import { FORMATS } from './index.ts'
import { refuseInstead } from './not-a-model.ts'
import { type Allowed, judge, refuse, type Use } from './policy.ts'
import type { ModelHeader } from './types.ts'

export interface Examined {
  /** null where no file holds tensors, or other things that had to be allowed. */
  readonly header: ModelHeader | null
  /** Paths of the model files that make up the weights: one layer each. */
  readonly weights: ReadonlySet<string>
  readonly notes: readonly string[]
}

const ENDINGS = FORMATS.flatMap((reader) => reader.endings)
const promises = (path: string, endings: readonly string[]): boolean =>
  endings.some((ending) => path.toLowerCase().endsWith(ending))

async function headersOf(models: readonly ModelFile[]): Promise<{ headers: ModelHeader[]; notes: string[] }> {
  const all = new Map(models.map((file) => [file.path, file]))
  const headers: ModelHeader[] = []
  const notes: string[] = []
  for (const reader of FORMATS) {
    const own = models.filter((file) => promises(file.path, reader.endings))
    if (own.length === 0) continue
    const { tensors, metadata, files, notes: said } = await reader.read(own, all)
    const parameters = tensors.reduce((sum, tensor) => sum + (elements(tensor.shape) ?? 0), 0)
    headers.push({ format: reader.format, files, tensors, parameters, metadata })
    notes.push(...said)
  }
  return { headers, notes }
}

/** One header for the model: of the format with the most bytes. */
function mainOf(headers: readonly ModelHeader[], models: readonly ModelFile[]): ModelHeader | null {
  const size = new Map(models.map((file) => [file.path, file.size]))
  const bytes = (header: ModelHeader) => header.files.reduce((sum, path) => sum + (size.get(path) ?? 0), 0)
  return [...headers].sort((a, b) => bytes(b) - bytes(a))[0] ?? null
}

/**
 * Reads headers and applies the file policy. `models` are relative to the artifact's path, `app` to the project.
 * Throws MODEL_INVALID, MODEL_TRUNCATED, MODEL_NOT_A_MODEL, FILE_REFUSED.
 */
export async function examine(
  models: readonly ModelFile[],
  app: readonly ModelFile[],
  allow: readonly Allowed[],
): Promise<Examined> {
  for (const file of [...models, ...app]) {
    const head = await file.use((bytes) => slice(bytes, 0, 512))
    refuseInstead(file.path, head, file.size, promises(file.path, ENDINGS))
  }
  const { headers, notes } = await headersOf(models)
  const weights = new Set(headers.flatMap((header) => header.files))
  const used = (file: ModelFile): { file: ModelFile; use: Use } => ({
    file,
    use: weights.has(file.path) ? 'weight' : 'companion',
  })
  const ofModels = await judge(models.map(used), allow)
  const ofApp = await judge(
    app.map((file) => ({ file, use: 'code' as const })),
    allow,
  )
  refuse([...ofModels.refused, ...ofApp.refused])
  // What had to be allowed is no small companion: it gets a layer of its own, like weights.
  for (const path of ofModels.excused) weights.add(path)
  const other: ModelHeader = { format: 'other', files: ofModels.excused, tensors: [], parameters: 0, metadata: {} }
  return {
    header: mainOf(headers, models) ?? (ofModels.excused.length > 0 ? other : null),
    weights,
    notes: [...notes, ...ofModels.notes, ...ofApp.notes],
  }
}
