/** From layers to a version: the value that the rest of slipway speaks of. Pure. */
import type { ModelHeader, ModelVersion, ServingSpec, VersionFile } from '../model/types.ts'
import { imageOf, type Layer } from './image.ts'

export interface VersionParts {
  readonly model: string
  readonly layers: readonly Layer[]
  /** Paths below /models that have a layer of their own. */
  readonly weights: ReadonlySet<string>
  readonly modelPath: string
  readonly serving: ServingSpec
  readonly header: ModelHeader | null
}

function fileOf(entry: Layer['entries'][number], weights: ReadonlySet<string>): VersionFile {
  const root = entry.path.startsWith('app/') ? 'app' : 'models'
  const path = entry.path.slice(root.length + 1)
  const weight = root === 'models' && weights.has(path)
  return { root, path, size: entry.size, sha256: entry.blob, executable: entry.mode === 0o755, weight }
}

export function versionOf({ model, layers, weights, modelPath, serving, header }: VersionParts): ModelVersion {
  const files = layers.flatMap((layer) => layer.entries.map((entry) => fileOf(entry, weights)))
  const { digest } = imageOf(layers, serving, modelPath).manifest.descriptor
  return { digest, model, files, modelPath, serving, header }
}
