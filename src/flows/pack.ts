/** `slipway pack`: files -> layers in the store -> a version with a digest and a tag. */
import { resolve } from 'node:path'
import type { Config } from '../config/types.ts'
import type { Found } from '../io/files.ts'
import type { Packing } from '../io/store-contract.ts'
import type { Lineage } from '../model/types.ts'
import type { Layer } from '../oci/image.ts'
import { isLayout } from '../oci/read-layout.ts'
import { takeTogether, takeWeight } from '../oci/take.ts'
import { versionOf } from '../oci/version.ts'
import { type Gathered, gather } from './gather.ts'
import { importLayout } from './import.ts'
import { concluded, type Packed, type PackOrder, type PackTools } from './packed.ts'

export type { Packed } from './packed.ts'

/** Small files first, then each weight, then code. */
async function layersOf(
  { files, progress }: Pick<PackTools, 'files' | 'progress'>,
  packing: Packing,
  { models, app, examined }: Gathered,
): Promise<Layer[]> {
  progress?.begin(
    'packing',
    [...models, ...app].reduce((sum, { size }) => sum + size, 0),
  )
  const model = ({ path, file, size }: Found) => ({ path: `models/${path}`, mode: 0o644, file, size })
  const code = ({ path, file, size, executable }: Found) => ({
    path: `app/${path}`,
    mode: executable ? 0o755 : 0o644,
    file,
    size,
  })
  const { yes: weights = [], no: small = [] } = Object.groupBy(models, ({ path }) =>
    examined.weights.has(path) ? 'yes' : 'no',
  )
  const layers: Layer[] = []
  if (small.length > 0) layers.push(await takeTogether(files, packing, small.map(model)))
  for (const one of weights) layers.push(await takeWeight(files, packing, model(one)))
  if (app.length > 0) layers.push(await takeTogether(files, packing, app.map(code)))
  progress?.end()
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

/** Packs what slipway.yaml says, or takes in a layout. Repeated with the same files: the same digest and tag. */
export async function pack(tools: PackTools, config: Config, order: PackOrder = {}): Promise<Packed> {
  const { store, files } = tools
  const start = resolve(config.folder, order.path ?? config.artifact.path)
  if (await isLayout(files, start)) return importLayout(tools, config, start, order)
  const gathered = await gather(tools, config, start)
  const { app, examined, modelPath, serving } = gathered
  const { weights, header, notes } = examined
  const packing = await store.begin({ dry: order.dryRun === true })
  try {
    const layers = await layersOf(tools, packing, gathered)
    const version = versionOf({ model: config.model, layers, weights, modelPath, serving, header })
    const lineage = await lineageOf(tools, config.folder, order, app)
    const code = app.map((one) => one.path)
    return await concluded(tools, packing, { version, layers }, { code, notes, lineage }, order)
  } finally {
    tools.progress?.end()
    await packing.end()
  }
}
