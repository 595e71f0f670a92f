/** What a model format is to slipway: one file each, one line in index.ts. */
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { ModelFile } from './bytes.ts'
import type { ModelFormat, TensorInfo } from './types.ts'

/** What one format found among a model's files. */
export interface FormatReading {
  readonly tensors: readonly TensorInfo[]
  readonly metadata: Readonly<Record<string, string | number | boolean>>
  /** All files that hold tensors of this format, also such as have another ending. */
  readonly files: readonly string[]
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[]
}

export interface FormatReader {
  readonly format: ModelFormat
  /** File endings that promise this format, with the dot. */
  readonly endings: readonly string[]
  /** Reads all files with these endings; `all` are the model's other files too. Throws MODEL_INVALID, MODEL_TRUNCATED. */
  read(own: readonly ModelFile[], all: ReadonlyMap<string, ModelFile>): Promise<FormatReading>
}

const place = (file: string, offset: number | null): string =>
  offset === null ? visible(file) : `${visible(file)}, byte ${offset}`

/** The file contradicts itself or the format. */
export const invalid = (file: string, offset: number | null, what: string): SlipwayError =>
  new SlipwayError('MODEL_INVALID', `${place(file, offset)}: ${what}`, { where: [{ file }] })

/** The file ends before what its header promises. */
export const truncated = (file: string, offset: number | null, what: string): SlipwayError =>
  new SlipwayError('MODEL_TRUNCATED', `${place(file, offset)}: ${what}`, { where: [{ file }] })

/** Most tensors of one model. */
export const MAX_TENSORS = 1_000_000

/** Number of elements; undefined where it is no safe integer. */
export function elements(shape: readonly number[]): number | undefined {
  let count = 1
  for (const size of shape) count *= size
  return shape.includes(0) ? 0 : Number.isSafeInteger(count) ? count : undefined
}

/** Bounded metadata for people: long values cut. */
export function metadataValue(value: unknown): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`
}
