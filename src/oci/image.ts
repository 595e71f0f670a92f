/** From layers to a version's digest: image config and manifest (OCI image-spec 1.1), canonical JSON, no times, no base. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../kit/json.ts'
import type { Digest, Lineage, ServingSpec } from '../model/types.ts'
import type { TarEntry } from './tar.ts'

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json'
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json'

/** Labels of the image config. */
export const SERVING_LABEL = 'dev.slipway.serving'
export const MODEL_PATH_LABEL = 'dev.slipway.model-path'

/** A file of a layer: its place in the image, and the name of its bytes in the store. */
export interface LayerEntry extends TarEntry {
  readonly blob: string
}
/** How to make a layer again: headers, the store's files, padding. */
export interface Layer {
  readonly digest: Digest
  readonly size: number
  readonly entries: readonly LayerEntry[]
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}
/** A document of an image: its exact bytes and how others name it. */
export interface Document {
  readonly bytes: Uint8Array
  readonly descriptor: Descriptor
}
export interface Image {
  readonly config: Document
  readonly manifest: Document
}

export const digestOf = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

function document(mediaType: string, value: unknown): Document {
  const bytes = new TextEncoder().encode(canonicalJson(value))
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } }
}

/** The image of a version; `manifest.descriptor.digest` is the version's digest. */
export function imageOf(layers: readonly Layer[], serving: ServingSpec, modelPath: string): Image {
  const config = document(CONFIG_TYPE, {
    // The specification demands a platform; files have none, so it is a constant.
    architecture: 'amd64',
    os: 'linux',
    config: {
      Labels: { [SERVING_LABEL]: canonicalJson(serving), [MODEL_PATH_LABEL]: modelPath },
      WorkingDir: '/app',
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  })
  const manifest = document(MANIFEST_TYPE, {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: config.descriptor,
    layers: layers.map((layer) => ({ mediaType: LAYER_TYPE, digest: layer.digest, size: layer.size })),
  })
  return { config, manifest }
}

const LINEAGE = 'dev.slipway.lineage.'

/** Lineage as annotations of the descriptor in index.json, outside the digest. */
function lineageAnnotations(lineage: Lineage): Readonly<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const [key, value] of Object.entries(lineage))
    if (value !== undefined) out[`${LINEAGE}${key}`] = typeof value === 'string' ? value : canonicalJson(value)
  return out
}

const number = (value: string | undefined): number | undefined =>
  value !== undefined && value !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined

/** The lineage that annotations hold; what is not as it should be is left out. */
export function lineageOf(annotations: Readonly<Record<string, string>>): Lineage {
  const of = (key: string) => annotations[`${LINEAGE}${key}`]
  const parent = /^sha256:[0-9a-f]{64}$/.test(of('parent') ?? '') ? (of('parent') as Digest) : undefined
  let metrics: Record<string, number> | undefined
  try {
    const read: unknown = JSON.parse(of('metrics') ?? 'null')
    const pairs = typeof read === 'object' && read !== null ? Object.entries(read) : []
    metrics =
      pairs.length > 0 && pairs.every(([, value]) => typeof value === 'number') ? Object.fromEntries(pairs) : undefined
  } catch {
    metrics = undefined
  }
  const found = {
    run: of('run'),
    dataDigest: of('dataDigest'),
    codeCommit: of('codeCommit'),
    parent,
    metrics,
    seed: number(of('seed')),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Lineage
}

/** index.json of a layout that holds one version. */
export function indexOf(image: Image, tag: string | null, lineage: Lineage): Uint8Array {
  const annotations = {
    ...lineageAnnotations(lineage),
    ...(tag === null ? {} : { 'org.opencontainers.image.ref.name': tag }),
  }
  return new TextEncoder().encode(
    canonicalJson({
      schemaVersion: 2,
      mediaType: INDEX_TYPE,
      manifests: [{ ...image.manifest.descriptor, annotations }],
    }),
  )
}

export const LAYOUT_FILE = new TextEncoder().encode('{"imageLayoutVersion":"1.0.0"}')
