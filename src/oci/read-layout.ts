/** Reads an OCI image layout that slipway has written: what it names, and where each file's bytes lie. */
import { join } from 'node:path'
import * as z from 'zod/mini'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import type { Digest, Lineage, ServingSpec } from '../model/types.ts'
import { digestOf, lineageOf, MANIFEST_TYPE, MODEL_PATH_LABEL, SERVING_LABEL } from './image.ts'
import { readTar, type TarFile } from './untar.ts'

export interface LayoutLayer {
  readonly digest: Digest
  readonly size: number
  /** Absolute path of the tar. */
  readonly file: string
  readonly files: readonly TarFile[]
}
export interface ReadLayout {
  readonly digest: Digest
  readonly layers: readonly LayoutLayer[]
  readonly serving: ServingSpec
  readonly modelPath: string
  readonly lineage: Lineage
  readonly tag: string | null
}

const MAX_DOCUMENT = 4 * 2 ** 20

const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/))
const descriptor = z.object({
  mediaType: z.string(),
  digest,
  size: z.number(),
  annotations: z.optional(z.record(z.string(), z.string())),
})
const indexSchema = z.object({ schemaVersion: z.literal(2), manifests: z.array(descriptor).check(z.minLength(1)) })
const manifestSchema = z.object({
  mediaType: z.literal(MANIFEST_TYPE),
  config: descriptor,
  layers: z.array(descriptor),
})
const configSchema = z.object({
  config: z.object({ Labels: z.object({ [SERVING_LABEL]: z.string(), [MODEL_PATH_LABEL]: z.string() }) }),
})
const servingSchema = z.strictObject({
  command: z.array(z.string()).check(z.minLength(1)),
  template: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  env: z.record(z.string(), z.string()),
  prepare: z.array(z.array(z.string())),
  readyPath: z.nullable(z.string()),
  requests: z.array(z.string()),
  answer: z.nullable(z.string()),
})

const not = (path: string, why: string, cause?: unknown): SlipwayError =>
  new SlipwayError('MODEL_INVALID', `${visible(path)} ${why}`, { where: [{ file: path }], cause })

async function document<T extends z.ZodMiniType>(
  files: Files,
  path: string,
  schema: T,
  expected: Digest | null,
): Promise<z.output<T>> {
  const bytes = await files.read(path, MAX_DOCUMENT)
  if (expected !== null && digestOf(bytes) !== expected)
    throw not(path, 'is not what its digest says: copy the layout again')
  try {
    return z.parse(schema, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    throw not(path, 'is no document of an image that slipway has written', cause)
  }
}

/** True where a folder is an OCI image layout. */
export const isLayout = async (files: Files, folder: string): Promise<boolean> =>
  (await files.facts(join(folder, 'oci-layout')))?.kind === 'file'

/** Digests of the documents are checked here, those of the layers when their bytes are taken. Throws MODEL_INVALID. */
export async function readLayout(files: Files, folder: string): Promise<ReadLayout> {
  const blob = (name: string) => join(folder, 'blobs', 'sha256', name.slice('sha256:'.length))
  const index = await document(files, join(folder, 'index.json'), indexSchema, null)
  const [named, second] = index.manifests.filter((one) => one.mediaType === MANIFEST_TYPE)
  if (!named) throw not(join(folder, 'index.json'), 'names no image')
  if (second)
    throw not(
      join(folder, 'index.json'),
      'names more than one image; copy the one that is meant into a layout of its own',
    )
  const manifest = await document(files, blob(named.digest), manifestSchema, named.digest as Digest)
  const config = await document(files, blob(manifest.config.digest), configSchema, manifest.config.digest as Digest)
  const labels = config.config.Labels
  let serving: ServingSpec
  try {
    serving = z.parse(servingSchema, JSON.parse(labels[SERVING_LABEL]!))
  } catch (cause) {
    throw not(blob(manifest.config.digest), `holds no sound ${SERVING_LABEL}`, cause)
  }
  const layers: LayoutLayer[] = []
  for (const layer of manifest.layers) {
    const file = blob(layer.digest)
    const open = await files.open(file)
    try {
      layers.push({ digest: layer.digest as Digest, size: open.size, file, files: await readTar(open, file) })
    } finally {
      await open.close()
    }
  }
  const annotations = named.annotations ?? {}
  return {
    digest: named.digest as Digest,
    layers,
    serving,
    modelPath: labels[MODEL_PATH_LABEL]!,
    lineage: lineageOf(annotations),
    tag: annotations['org.opencontainers.image.ref.name'] ?? null,
  }
}
