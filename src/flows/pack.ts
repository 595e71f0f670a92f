/** `slipway pack`: files -> layers in the store -> a version with a digest and a tag. */
import { join, resolve } from 'node:path'
import type { Config } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { type LayerSource, takeLayer } from '../io/blobs.ts'
import type { Clock } from '../io/clock.ts'
import { codeFiles } from '../io/code.ts'
import type { Files } from '../io/files.ts'
import type { Git } from '../io/git.ts'
import { writeLayout } from '../io/layout.ts'
import type { Packing, Store, StoredVersion } from '../io/store-contract.ts'
import { nextTag } from '../io/store-tags.ts'
import { type Found, walk } from '../io/walk.ts'
import { visible } from '../kit/text.ts'
import { isoTime } from '../kit/when.ts'
import { type Examined, examine } from '../model/examine.ts'
import { servingSpec } from '../model/serving.ts'
import type { Digest, Lineage, ModelVersion, VersionFile } from '../model/types.ts'
import { imageOf, type Layer } from '../oci/image.ts'

export interface PackTools {
  readonly files: Files
  readonly store: Store
  readonly git: Git
  readonly clock: Clock
}
export interface PackOrder {
  /** Instead of artifact.path; relative to `cwd`. */
  readonly path?: string
  readonly cwd?: string
  readonly tag?: string
  /** REF of the version that this one comes from. */
  readonly parent?: string
  /** Folder for an OCI layout; absolute. */
  readonly out?: string
  readonly dryRun?: boolean
  /** Of a training run. */
  readonly lineage?: Lineage
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

interface Gathered {
  readonly models: readonly Found[]
  readonly app: readonly Found[]
  readonly examined: Examined
  readonly single: boolean
}

async function gather({ files, git }: PackTools, config: Config, start: string): Promise<Gathered> {
  const { artifact, serving, folder } = config
  if ((await files.facts(start)) === null)
    throw new SlipwayError('FILE_UNREADABLE', `the model ${visible(start)} does not exist; artifact.path names it`, {
      where: [{ file: start }],
    })
  const models = await walk(files, start, artifact)
  if (models.length === 0)
    throw new SlipwayError('MODEL_EMPTY', `${visible(start)} holds no file that belongs to the model`, {
      where: [{ file: start }],
    })
  const app = await codeFiles(files, git, { ...artifact, ...serving, folder, artifact: start })
  const source = (one: Found) => ({
    path: one.path,
    size: one.size,
    use: async <T>(work: (bytes: Awaited<ReturnType<Files['open']>>) => Promise<T>): Promise<T> => {
      const open = await files.open(one.file)
      try {
        return await work(open)
      } finally {
        await open.close()
      }
    },
  })
  const examined = await examine(models.map(source), app.map(source), artifact.allow)
  return { models, app, examined, single: (await files.facts(start))?.kind === 'file' }
}

/** Small files first, then each weight, then code: what changes least often comes before what changes most. */
async function layersOf(packing: Packing, { models, app, examined }: Gathered): Promise<Layer[]> {
  const model = (one: Found): LayerSource => ({ path: `models/${one.path}`, mode: 0o644, file: one.file })
  const code = (one: Found): LayerSource => ({
    path: `app/${one.path}`,
    mode: one.executable ? 0o755 : 0o644,
    file: one.file,
  })
  const weights = models.filter((one) => examined.weights.has(one.path))
  const small = models.filter((one) => !examined.weights.has(one.path))
  const layers: Layer[] = []
  if (small.length > 0) layers.push(await takeLayer(packing, small.map(model), false))
  for (const one of weights) layers.push(await takeLayer(packing, [model(one)], true))
  if (app.length > 0) layers.push(await takeLayer(packing, app.map(code), false))
  return layers
}

function versionOf(config: Config, gathered: Gathered, layers: readonly Layer[]): ModelVersion {
  const serving = servingSpec(config.serving)
  const modelPath = gathered.single ? gathered.models[0]!.path : ''
  const listed = layers
    .flatMap((layer) => layer.entries)
    .map((entry): VersionFile => {
      const root = entry.path.startsWith('app/') ? 'app' : 'models'
      const path = entry.path.slice(root.length + 1)
      const weight = root === 'models' && gathered.examined.weights.has(path)
      return { root, path, size: entry.size, sha256: entry.blob, executable: entry.mode === 0o755, weight }
    })
  const digest = imageOf(layers, serving, modelPath).manifest.descriptor.digest
  return { digest, model: config.model, files: listed, modelPath, serving, header: gathered.examined.header }
}

async function lineageOf(
  { git, store }: PackTools,
  config: Config,
  order: PackOrder,
  app: readonly Found[],
): Promise<Lineage> {
  const codeCommit = await git.commit(
    config.folder,
    app.map((one) => one.file),
  )
  const parent: Digest | undefined =
    order.parent === undefined ? undefined : (await store.resolveRef(order.parent)).digest
  return {
    ...(codeCommit === null ? {} : { codeCommit }),
    ...order.lineage,
    ...(parent === undefined ? {} : { parent }),
  }
}

/** Packs what slipway.yaml says. Repeated with the same files: the same digest and tag. */
export async function pack(tools: PackTools, config: Config, order: PackOrder = {}): Promise<Packed> {
  const { store, files, clock } = tools
  const start =
    order.path === undefined
      ? resolve(config.folder, config.artifact.path)
      : resolve(order.cwd ?? config.folder, order.path)
  const gathered = await gather(tools, config, start)
  const packing = await store.begin({ dry: order.dryRun === true })
  try {
    const layers = await layersOf(packing, gathered)
    const version = versionOf(config, gathered, layers)
    const lineage = await lineageOf(tools, config, order, gathered.app)
    const stored: StoredVersion = { version, layers }
    const result = (tag: string, created: boolean): Packed => ({
      version,
      tag,
      created,
      code: gathered.app.map((one) => one.path),
      bytes: version.files.reduce((sum, file) => sum + file.size, 0),
      notes: gathered.examined.notes,
      lineage,
    })
    const named = { model: config.model, digest: version.digest, createdAt: isoTime(clock.now()), lineage }
    if (order.dryRun === true)
      return result(
        order.tag ?? nextTag(await store.tags(config.model), version.digest),
        !(await store.has(version.digest)),
      )
    const created = await packing.write(stored)
    const { tag } = await store.tag(named, order.tag ?? null)
    if (order.out !== undefined) await writeLayout(files, store, stored, order.out, { tag, lineage })
    return result(tag, created)
  } finally {
    await packing.end()
  }
}

/** Where the store of a project is. */
export const storeFolder = (config: Pick<Config, 'folder'>): string => join(config.folder, '.slipway', 'store')
