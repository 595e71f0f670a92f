/** What the store promises: plain files by digest, versions with the recipes of their layers, tags. */
import type { Digest, ModelVersion, TagEntry } from '../model/types.ts'
import type { Layer } from '../oci/image.ts'
import type { Sink } from './files.ts'

/** A version with what its image is made from. */
export interface StoredVersion {
  readonly version: ModelVersion
  readonly layers: readonly Layer[]
}
/** What a text named. `tag` is the one written, else the first of the version. */
export interface ResolvedRef {
  readonly digest: Digest
  readonly model: string
  readonly tag: string | null
}
/** Where a version was laid out; absolute paths. */
export interface LaidOut {
  readonly models: string
  readonly app: string
  /** What {model} stands for. */
  readonly model: string
}
/** What a prune leaves alone. */
export interface Kept {
  /** Digests of versions. */
  readonly versions: ReadonlySet<string>
  /** SHA-256 of other bytes. */
  readonly blobs: ReadonlySet<string>
}
export interface Pruned {
  readonly versions: readonly Digest[]
  readonly files: number
  readonly bytes: number
}

/** A pack under way: nothing of it is lost to a prune before `write`. One file at a time. */
export interface Packing {
  /** Copies a file into the store: the path of the copy, whose name is not known yet; null where nothing is to be written. */
  copy(file: string): Promise<string | null>
  /** Instead of `copy`, for bytes that are no file of their own. */
  receive(): Promise<Sink | null>
  /** The file copied or received last is finished, and this is the digest that names it. */
  keep(hex: string): Promise<void>
  /** Writes the version down; false where the store had it. */
  write(stored: StoredVersion): Promise<boolean>
  /** Removes what is left over; always call it. */
  end(): Promise<void>
}

export interface Store {
  readonly folder: string
  /** Absolute path of stored bytes. */
  blob(hex: string): string
  /** With `dry` nothing is ever written. */
  begin(how?: { readonly dry: boolean }): Promise<Packing>
  /** Throws REF_UNKNOWN, STORE_DAMAGED. */
  read(digest: Digest): Promise<StoredVersion>
  has(digest: Digest): Promise<boolean>
  /** Of one model or all, oldest first. */
  tags(model?: string): Promise<readonly TagEntry[]>
  /** The tag that a version has, or would get next. */
  nextTag(model: string, digest: Digest): Promise<string>
  /** The tag asked for or the next vN; the one it has already where none is asked for. Throws TAG_TAKEN. */
  tag(entry: Omit<TagEntry, 'tag'>, tag: string | null): Promise<TagEntry>
  /** MODEL:TAG, MODEL@sha256:hex, sha256:hex or 8 and more hex digits. Throws REF_UNKNOWN, REF_AMBIGUOUS. */
  resolveRef(text: string): Promise<ResolvedRef>
  /** Lays a version out for serving: `folder`/models (shared with the store, read-only) and `folder`/app (its own copy). Repeated: nothing happens. */
  materialise(digest: Digest, folder: string): Promise<LaidOut>
  /** Keeps small data by its SHA-256 (evaluation sets); returns the hex. */
  keepBytes(bytes: Uint8Array): Promise<string>
  /** Removes versions not kept, their tags, and files that nothing names. `keep` is asked more than once, for it may change meanwhile. With `dry` it only tells. */
  prune(keep: () => Promise<Kept>, how?: { readonly dry: boolean }): Promise<Pruned>
}
