/** What a model version is: files, headers, how it serves. Pure values. */

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`

/** Where a file of a version goes: weights and their companions under /models, code under /app. */
export type FileRoot = 'models' | 'app'

export interface VersionFile {
  readonly root: FileRoot
  /** Relative to its root, `/`-separated, NFC as found on disk. */
  readonly path: string
  readonly size: number
  /**
   * 64 hex digits, the name of its bytes in the store: SHA-256 of the bytes; for weights that of their layer
   * (tar header, bytes, padding), so that gigabytes are hashed once and not twice.
   */
  readonly sha256: string
  readonly executable: boolean
  /** True for files that hold tensors: one layer each. */
  readonly weight: boolean
}

export type ModelFormat = 'safetensors' | 'gguf' | 'onnx' | 'other'

export interface TensorInfo {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: number
  /** The file that holds its bytes, relative to /models. */
  readonly file: string
}

/** What the headers say, read without loading anything. */
export interface ModelHeader {
  readonly format: ModelFormat
  readonly files: readonly string[]
  readonly tensors: readonly TensorInfo[]
  readonly parameters: number
  /** Bounded: long values are cut, arrays summarised. */
  readonly metadata: Readonly<Record<string, string | number | boolean>>
}

/** The part of `serving` that the digest holds. */
export interface ServingSpec {
  readonly command: readonly string[]
  readonly template: string
  readonly params: Readonly<Record<string, string | number | boolean>>
  readonly env: Readonly<Record<string, string>>
  readonly prepare: readonly (readonly string[])[]
  /** Path of the ready probe; null: the port answers. */
  readonly readyPath: string | null
  /** "METHOD /path" patterns of what is judged; empty: every POST. */
  readonly requests: readonly string[]
  /** JSON pointer to the answer compared by quality and agreement; null: none. */
  readonly answer: string | null
}

/** Annotations of the descriptor, outside the digest. */
export interface Lineage {
  readonly run?: string
  readonly dataDigest?: string
  readonly codeCommit?: string
  readonly parent?: Digest
  readonly metrics?: Readonly<Record<string, number>>
  readonly seed?: number
}

/** A packed version as the store keeps it. */
export interface ModelVersion {
  readonly digest: Digest
  readonly model: string
  readonly files: readonly VersionFile[]
  /** The model file or folder that {model} stands for, relative to /models; "" for the folder itself. */
  readonly modelPath: string
  readonly serving: ServingSpec
  readonly header: ModelHeader | null
}

/** A name in the store's index: model + tag -> digest, with when and lineage. */
export interface TagEntry {
  readonly model: string
  readonly tag: string
  readonly digest: Digest
  readonly createdAt: string
  readonly lineage: Lineage
}
