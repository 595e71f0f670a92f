import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Lineage, ServingSpec } from '../../src/model/types.ts'
import { imageOf, indexOf, type Layer, lineageOf } from '../../src/oci/image.ts'

const SERVING: ServingSpec = {
  command: ['python', 'app.py'],
  template: 'custom',
  params: { b: 1, a: true },
  env: { Z: '1', A: '2' },
  prepare: [],
  readyPath: '/health',
  requests: ['POST /predict'],
  answer: '/label',
}
const layer = (letter: string): Layer => ({ digest: `sha256:${letter.repeat(64)}`, size: 2048, entries: [] })
const parsed = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))

describe('image', () => {
  it('is an OCI image whose config holds what the digest holds', () => {
    const { config, manifest } = imageOf([layer('a'), layer('b')], SERVING, 'w.gguf')
    expect(parsed(manifest.bytes)).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: config.descriptor.digest,
        size: config.bytes.length,
      },
      layers: ['a', 'b'].map((letter) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
        digest: layer(letter).digest,
        size: 2048,
      })),
    })
    const read = parsed(config.bytes)
    expect(read.rootfs).toEqual({ type: 'layers', diff_ids: [layer('a').digest, layer('b').digest] })
    expect(JSON.parse(read.config.Labels['dev.slipway.serving'])).toEqual(SERVING)
    expect(manifest.descriptor.digest).toBe(`sha256:${createHash('sha256').update(manifest.bytes).digest('hex')}`)
  })

  it('has a digest that changes with each part of it, and not with the order of keys', () => {
    const digest = (serving: ServingSpec, path = '') => imageOf([layer('a')], serving, path).manifest.descriptor.digest
    const base = digest(SERVING)
    expect(digest({ ...SERVING, params: { a: true, b: 1 }, env: { A: '2', Z: '1' } })).toBe(base)
    const others: Partial<ServingSpec>[] = [
      { command: ['x'] },
      { template: 'llamacpp' },
      { params: {} },
      { env: {} },
      { prepare: [['x']] },
      { readyPath: null },
      { requests: [] },
      { answer: null },
    ]
    const digests = [base, digest(SERVING, 'w'), ...others.map((other) => digest({ ...SERVING, ...other }))]
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('carries lineage beside the digest, and reads it back', () => {
    const lineage: Lineage = {
      run: 'run-3',
      dataDigest: 'sha256:d',
      codeCommit: 'abc-dirty',
      parent: `sha256:${'0'.repeat(64)}`,
      metrics: { accuracy: 0.93 },
      seed: 0,
    }
    const image = imageOf([layer('a')], SERVING, '')
    const [descriptor] = parsed(indexOf(image, 'v3', lineage)).manifests
    expect(descriptor.digest).toBe(image.manifest.descriptor.digest)
    expect(descriptor.annotations['org.opencontainers.image.ref.name']).toBe('v3')
    expect(lineageOf(descriptor.annotations)).toEqual(lineage)
    expect(lineageOf({})).toEqual({})
    expect(
      lineageOf({
        'dev.slipway.lineage.parent': 'x',
        'dev.slipway.lineage.metrics': '{"a":"b"}',
        'dev.slipway.lineage.seed': 'x',
      }),
    ).toEqual({})
    expect(lineageOf({ 'dev.slipway.lineage.metrics': '{' })).toEqual({})
  })
})
