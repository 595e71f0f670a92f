/** `slipway inspect`: what a version is made of, from the store, a folder, a file or a layout. Nothing is written. */
import type { Config } from '../config/types.ts'
import { headerSummary, type Inspected, type InspectedFile, inspectedServing } from '../model/inspected.ts'
import type { ModelHeader, ServingSpec } from '../model/types.ts'
import { isLayout, readLayout } from '../oci/read-layout.ts'
import { gather } from './gather.ts'
import { examineLayout } from './import.ts'
import type { PackTools } from './packed.ts'
import { refPath } from './ref-path.ts'

export interface InspectOrder {
  readonly ref: string
  readonly cwd: string
  readonly files: boolean
  readonly tensors: boolean
}

type Found = Omit<Inspected, 'header' | 'serving' | 'bytes' | 'fileCount' | 'files' | 'tensors'> & {
  readonly header: ModelHeader | null
  readonly serving: ServingSpec
  readonly files: readonly InspectedFile[]
}

async function ofStore({ store }: PackTools, ref: string): Promise<Found> {
  const { digest } = await store.resolveRef(ref)
  const { version, layers } = await store.read(digest)
  const tags = (await store.tags()).filter((tag) => tag.digest === digest)
  const files = version.files.map(({ root, path, size, sha256, weight }) => ({
    path: `${root}/${path}`,
    size,
    sha256,
    weight,
  }))
  return {
    ...{
      model: tags[0]?.model ?? version.model,
      digest,
      tags: tags.map((tag) => tag.tag),
      createdAt: tags[0]?.createdAt ?? null,
    },
    ...{
      lineage: tags[0]?.lineage ?? {},
      serving: version.serving,
      modelPath: version.modelPath,
      header: version.header,
    },
    ...{
      layers: layers.map((layer) => ({ digest: layer.digest, size: layer.size, files: layer.entries.length })),
      files,
      notes: [],
    },
  }
}

async function ofLayout({ files }: PackTools, config: Config, folder: string): Promise<Found> {
  const layout = await readLayout(files, folder)
  const examined = await examineLayout(files, layout, config)
  const weight = (path: string) => path.startsWith('models/') && examined.weights.has(path.slice('models/'.length))
  const listed = layout.layers.flatMap((layer) => layer.files)
  return {
    ...{ model: config.model, digest: layout.digest, tags: layout.tag === null ? [] : [layout.tag], createdAt: null },
    ...{ lineage: layout.lineage, serving: layout.serving, modelPath: layout.modelPath, header: examined.header },
    layers: layout.layers.map((layer) => ({ digest: layer.digest, size: layer.size, files: layer.files.length })),
    files: listed.map(({ path, size }) => ({ path, size, sha256: null, weight: weight(path) })),
    notes: examined.notes,
  }
}

async function ofPath(tools: PackTools, config: Config, path: string): Promise<Found> {
  const { models, app, examined, modelPath, serving } = await gather(tools, config, path)
  const listed = [
    ...models.map((one) => ({
      path: `models/${one.path}`,
      size: one.size,
      sha256: null,
      weight: examined.weights.has(one.path),
    })),
    ...app.map((one) => ({ path: `app/${one.path}`, size: one.size, sha256: null, weight: false })),
  ]
  return {
    ...{
      model: config.model,
      digest: null,
      tags: [],
      createdAt: null,
      lineage: {},
      serving,
    },
    ...{ modelPath, header: examined.header, layers: [], files: listed, notes: examined.notes },
  }
}

/** Throws REF_UNKNOWN, REF_AMBIGUOUS and what reading the files throws. */
export async function inspect(tools: PackTools, config: Config, order: InspectOrder): Promise<Inspected> {
  const path = await refPath({ ...tools, cwd: order.cwd }, order.ref)
  const layout = path !== null && (await isLayout(tools.files, path))
  const found =
    path === null
      ? await ofStore(tools, order.ref)
      : layout
        ? await ofLayout(tools, config, path)
        : await ofPath(tools, config, path)
  return {
    ...found,
    serving: inspectedServing(found.serving),
    header: found.header === null ? null : headerSummary(found.header),
    bytes: found.files.reduce((sum, file) => sum + file.size, 0),
    fileCount: found.files.length,
    files: order.files ? found.files : null,
    tensors: order.tensors ? (found.header?.tensors ?? []) : null,
  }
}
