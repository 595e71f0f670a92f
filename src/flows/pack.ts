/** `slipway pack`: files -> layers in the store -> a version with a digest and a tag. */
import { resolve } from 'node:path'
import type { Config } from '../config/types.ts'
import type { Clock } from '../io/clock.ts'
import type { Files } from '../io/files.ts'
import type { Git } from '../io/git.ts'
import type { Packing, Store, StoredVersion } from '../io/store-contract.ts'
import { nextTag } from '../io/store-tags.ts'
import type { Found } from '../io/walk.ts'
import { isoTime } from '../kit/when.ts'
import { servingSpec } from '../model/serving.ts'
import type { Lineage, ModelVersion } from '../model/types.ts'
import type { Layer } from '../oci/image.ts'
import { writeLayout } from '../oci/layout.ts'
import { takeTogether, takeWeight } from '../oci/take.ts'
import { versionOf } from '../oci/version.ts'
import { type Gathered, gather } from './gather.ts'

export interface PackTools {
  readonly files: Files
  readonly store: Store
  readonly git: Git
  readonly clock: Clock
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

/** Small files first, then each weight, then code. */
async function layersOf(files: Files, packing: Packing, { models, app, examined }: Gathered): Promise<Layer[]> {
  const model = ({ path, file }: Found) => ({ path: `models/${path}`, mode: 0o644, file })
  const code = ({ path, file, executable }: Found) => ({ path: `app/${path}`, mode: executable ? 0o755 : 0o644, file })
  const { yes: weights = [], no: small = [] } = Object.groupBy(models, ({ path }) =>
    examined.weights.has(path) ? 'yes' : 'no',
  )
  const layers: Layer[] = []
  if (small.length > 0) layers.push(await takeTogether(files, packing, small.map(model)))
  for (const one of weights) layers.push(await takeWeight(files, packing, model(one)))
  if (app.length > 0) layers.push(await takeTogether(files, packing, app.map(code)))
  return layers
}

async function lineageOf(
  { git, store }: PackTools,
  folder: string,
  order: PackOrder,
  app: readonly Found[],
): Promise<Lineage> {
  const codeCommit = await git.commit(
    folder,
    app.map((one) => one.file),
  )
  const parent = order.parent === undefined ? {} : { parent: (await store.resolveRef(order.parent)).digest }
  return { ...(codeCommit === null ? {} : { codeCommit }), ...order.lineage, ...parent }
}

/** Packs what slipway.yaml says. Repeated with the same files: the same digest and tag. */
export async function pack(tools: PackTools, config: Config, order: PackOrder = {}): Promise<Packed> {
  const { store, files, clock } = tools
  const gathered = await gather(tools, config, resolve(config.folder, order.path ?? config.artifact.path))
  const { app, examined, modelPath } = gathered
  const packing = await store.begin({ dry: order.dryRun === true })
  try {
    const layers = await layersOf(files, packing, gathered)
    const version = versionOf({
      model: config.model,
      layers,
      weights: examined.weights,
      modelPath,
      serving: servingSpec(config.serving),
      header: examined.header,
    })
    const lineage = await lineageOf(tools, config.folder, order, app)
    const bytes = version.files.reduce((sum, file) => sum + file.size, 0)
    const result = { version, code: app.map((one) => one.path), bytes, notes: examined.notes, lineage }
    if (order.dryRun === true)
      return {
        ...result,
        tag: order.tag ?? nextTag(await store.tags(config.model), version.digest),
        created: !(await store.has(version.digest)),
      }
    const stored: StoredVersion = { version, layers }
    const created = await packing.write(stored)
    const named = { model: config.model, digest: version.digest, createdAt: isoTime(clock.now()), lineage }
    const { tag } = await store.tag(named, order.tag ?? null)
    if (order.out !== undefined) await writeLayout(files, store, stored, order.out, { tag, lineage })
    return { ...result, tag, created }
  } finally {
    await packing.end()
  }
}
