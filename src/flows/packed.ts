/** The end of every pack: the version is written down, named, and streamed out where a layout is wanted. */
import type { Clock } from '../io/clock.ts'
import type { Files } from '../io/files.ts'
import type { Git } from '../io/git.ts'
import type { Progress } from '../io/progress.ts'
import type { Packing, Store, StoredVersion } from '../io/store-contract.ts'
import { isoTime } from '../kit/when.ts'
import type { Lineage, ModelVersion } from '../model/types.ts'
import { writeLayout } from '../oci/layout.ts'

export interface PackTools {
  readonly files: Files
  readonly store: Store
  readonly git: Git
  readonly clock: Clock
  /** Told of the bytes that `files` reads. */
  readonly progress?: Progress
}
export interface PackOrder {
  /** Instead of artifact.path; absolute, or relative to slipway.yaml. */
  readonly path?: string | undefined
  readonly tag?: string | undefined
  /** REF of the version that this one comes from. */
  readonly parent?: string | undefined
  /** Absolute path of the folder for an OCI layout. */
  readonly out?: string | undefined
  readonly dryRun?: boolean | undefined
  /** Of a training run. */
  readonly lineage?: Lineage | undefined
}
export interface Packed {
  readonly version: ModelVersion
  /** The version's tag; with dryRun the one it would get. */
  readonly tag: string
  /** False where the store had this version already. */
  readonly created: boolean
  /** What went to /app, relative to the project. */
  readonly code: readonly string[]
  /** Bytes of all files. */
  readonly bytes: number
  /** What a person should know about the files, one sentence each. */
  readonly notes: readonly string[]
  readonly lineage: Lineage
}

/** With a dry run nothing is written, and the tag is the one that it would get. */
export async function concluded(
  { store, files, clock }: PackTools,
  packing: Packing,
  stored: StoredVersion,
  told: Pick<Packed, 'code' | 'notes' | 'lineage'>,
  order: PackOrder,
): Promise<Packed> {
  const { version } = stored
  const { digest, model } = version
  const bytes = version.files.reduce((sum, file) => sum + file.size, 0)
  if (order.dryRun === true) {
    const tag = order.tag ?? (await store.nextTag(model, digest))
    return { ...told, version, bytes, tag, created: !(await store.has(digest)) }
  }
  const created = await packing.write(stored)
  // A version that has its tag keeps the lineage it was first packed with.
  const { tag, lineage } = await store.tag(
    { model, digest, createdAt: isoTime(clock.now()), lineage: told.lineage },
    order.tag ?? null,
  )
  if (order.out !== undefined) await writeLayout(files, store, stored, order.out, { tag, lineage })
  return { ...told, lineage, version, bytes, tag, created }
}
