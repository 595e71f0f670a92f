/** An OCI layout that slipway has written, put into this store: the same bytes, the same digest. */
import type { Config } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import type { ModelFile } from '../model/bytes.ts'
import { type Examined, examine } from '../model/examine.ts'
import type { Layer } from '../oci/image.ts'
import { type LayoutLayer, type ReadLayout, readLayout } from '../oci/read-layout.ts'
import { type LayerSource, partOf, takeTogether, takeWeight } from '../oci/take.ts'
import { versionOf } from '../oci/version.ts'
import { concluded, type Packed, type PackOrder, type PackTools } from './packed.ts'

/** The files below one root of a layout, as the examination wants them. */
function filesOf(files: Files, layout: ReadLayout, root: 'models' | 'app'): ModelFile[] {
  const below = (layer: LayoutLayer) =>
    layer.files
      .filter((one) => one.path.startsWith(`${root}/`))
      .map(
        (one): ModelFile => ({
          path: one.path.slice(root.length + 1),
          size: one.size,
          use: async (work) => {
            const open = await files.open(layer.file)
            try {
              return await work(partOf(open, one.offset, one.size))
            } finally {
              await open.close()
            }
          },
        }),
      )
  return layout.layers.flatMap(below)
}

/** Headers and file policy of a layout's files, as when a folder is packed. */
export const examineLayout = (files: Files, layout: ReadLayout, config: Pick<Config, 'artifact'>): Promise<Examined> =>
  examine(filesOf(files, layout, 'models'), filesOf(files, layout, 'app'), config.artifact.allow)

const sourcesOf = (layer: LayoutLayer): LayerSource[] =>
  layer.files.map(({ path, mode, offset, size }) => ({ path, mode, file: layer.file, offset, size }))

/** Throws MODEL_INVALID where a digest does not fit, and what `examine` throws. */
export async function importLayout(
  tools: PackTools,
  config: Config,
  folder: string,
  order: PackOrder,
): Promise<Packed> {
  const { files, store } = tools
  const layout = await readLayout(files, folder)
  const examined = await examineLayout(files, layout, config)
  const packing = await store.begin({ dry: order.dryRun === true })
  try {
    const layers: Layer[] = []
    for (const layer of layout.layers) {
      const [first, ...others] = sourcesOf(layer)
      const alone =
        first !== undefined && others.length === 0 && examined.weights.has(first.path.replace(/^models\//, ''))
      const taken = alone
        ? await takeWeight(files, packing, first)
        : await takeTogether(files, packing, sourcesOf(layer))
      if (taken.digest !== layer.digest)
        throw new SlipwayError(
          'MODEL_INVALID',
          `${visible(layer.file)} is not what its digest says: copy the layout again`,
          { where: [{ file: layer.file }] },
        )
      layers.push(taken)
    }
    const { serving, modelPath, lineage, digest } = layout
    const version = versionOf({
      model: config.model,
      layers,
      weights: examined.weights,
      modelPath,
      serving,
      header: examined.header,
    })
    if (version.digest !== digest)
      throw new SlipwayError(
        'MODEL_INVALID',
        `${visible(folder)} holds an image that is made in another way than slipway makes them`,
        { where: [{ file: folder }] },
      )
    const code = version.files.filter((file) => file.root === 'app').map((file) => file.path)
    return await concluded(tools, packing, { version, layers }, { code, notes: examined.notes, lineage }, order)
  } finally {
    await packing.end()
  }
}
