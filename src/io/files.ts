/** The one door to the file system: its contract. Every failure is a SlipwayError that names the path. */
export { memoryFiles } from './files-memory.ts'
export { systemFiles } from './files-system.ts'

export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly size: number
  /** Permission bits. */
  readonly mode: number
  readonly mtimeMs: number
  /** The same for two names of one file. */
  readonly identity: string
}

/** An open file: bytes by position, nothing is loaded as a whole. */
export interface OpenFile {
  readonly size: number
  /** Fills `into` from `position`; fewer bytes than asked only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  close(): Promise<void>
}

/** A new file that is written once, front to back. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>
  /** On disk for good (fsync), closed. */
  finish(): Promise<void>
  /** Closed and removed; after `finish` it does nothing. */
  abandon(): Promise<void>
}

export interface Files {
  /** null where nothing is; a link is followed unless told otherwise. */
  facts(path: string, how?: { readonly follow: boolean }): Promise<FileFacts | null>
  /** Names in a folder, in byte order; none where there is no folder. */
  list(folder: string): Promise<readonly string[]>
  /** The path with every link resolved. */
  resolve(path: string): Promise<string>
  open(path: string): Promise<OpenFile>
  /** A whole file of at most `limit` bytes (default 64 MiB). */
  read(path: string, limit?: number): Promise<Uint8Array>
  /** Whole or not at all: temporary file, fsync, rename. With `fresh` it is false, and nothing changes, where the path exists. */
  write(
    path: string,
    data: string | Uint8Array,
    how?: { readonly mode?: number; readonly fresh?: boolean },
  ): Promise<boolean>
  create(path: string, mode: number): Promise<Sink>
  /** A new file with the same bytes; it shares its blocks where the file system can (btrfs, xfs, apfs). `durable`: on disk for good. */
  copy(from: string, to: string, mode: number, how?: { readonly durable: boolean }): Promise<void>
  /** A second name of a file; false where `to` exists or the file system cannot. */
  link(from: string, to: string): Promise<boolean>
  rename(from: string, to: string): Promise<void>
  /** With all that is in it; nothing happens where nothing is. */
  remove(path: string): Promise<void>
  folder(path: string, mode?: number): Promise<void>
  /** Regular files under a folder, or one file, in byte order of their paths; sockets, pipes, devices, .git and .slipway never. Throws LINK_REFUSED. */
  walk(start: string, rules: WalkRules): Promise<readonly Found[]>
  /** Bytes that this user may still write at the path. */
  free(path: string): Promise<number>
}

/** A regular file that a walk found. */
export interface Found {
  /** Relative to where the walk began, `/`-separated, NFC. */
  readonly path: string
  /** Absolute; links resolved. */
  readonly file: string
  readonly size: number
  readonly executable: boolean
}
export interface WalkRules {
  /** gitignore patterns; without any, everything. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** What to do with links that leave the folder; inside one Hugging Face cache they never do. */
  readonly links: 'refuse' | 'follow'
}
