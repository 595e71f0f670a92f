/** Bytes of a model's files, read by range; nothing here opens anything. */

export interface Bytes {
  readonly size: number
  /** Fills `into` from `position`; fewer bytes only at the end. */
  read(into: Uint8Array, position: number): Promise<number>
}

/** A file on its way to be examined. `path` is relative to the model's folder, `/`-separated. */
export interface ModelFile {
  readonly path: string
  readonly size: number
  /** Calls `work` with the open file and closes it after. */
  use<T>(work: (bytes: Bytes) => Promise<T>): Promise<T>
}

/** At most `length` bytes from a position. */
export async function slice(bytes: Bytes, position: number, length: number): Promise<Uint8Array> {
  const out = new Uint8Array(Math.max(0, Math.min(length, bytes.size - position)))
  return out.subarray(0, await bytes.read(out, position))
}
