/** The layout that `pack -o` writes, read by skopeo and umoci. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Packed } from '../../src/flows/pack.ts'
import { pack } from '../../src/flows/pack.ts'
import { project, safetensorsFile } from '../flows/project.ts'

const LONG = `${'deep folder/'.repeat(15)}${'n'.repeat(120)}.txt`
const WEIGHTS = safetensorsFile({ w: { dtype: 'U8', shape: [3_000_001] } })
let folder: string
let packed: Packed
const shown = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-peers-'))
  const files = {
    'model/Größe 模型.safetensors': WEIGHTS,
    'model/config.json': '{}',
    [`model/${LONG}`]: 'long',
    'start.sh': 'exec true\n',
  }
  const { tools, config } = await project(folder, files, ['./start.sh'])
  chmodSync(join(folder, 'start.sh'), 0o755)
  packed = await pack(tools, config, { out: join(folder, 'layout'), lineage: { run: 'run-1' } })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('an OCI layout of a version', () => {
  it('is inspected by skopeo, under the same digest', () => {
    const image = JSON.parse(shown('skopeo', 'inspect', 'oci:layout:v1'))
    expect(image.Digest).toBe(packed.version.digest)
    expect(image.Layers).toHaveLength(3)
    expect(JSON.parse(image.Labels['dev.slipway.serving']).command).toEqual(['./start.sh'])
    const raw = execFileSync('skopeo', ['inspect', '--raw', 'oci:layout:v1'], { cwd: folder })
    expect(JSON.parse(raw.toString()).layers[0].mediaType).toBe('application/vnd.oci.image.layer.v1.tar')
  })

  it('is copied by skopeo without a change', () => {
    shown('skopeo', 'copy', '--quiet', '--insecure-policy', '--preserve-digests', 'oci:layout:v1', 'oci:copied:v1')
    expect(JSON.parse(shown('skopeo', 'inspect', 'oci:copied:v1')).Digest).toBe(packed.version.digest)
  })

  it('is unpacked by umoci: names, bytes, modes', () => {
    shown('umoci', 'unpack', '--rootless', '--image', 'layout:v1', 'bundle')
    const at = (name: string) => join(folder, 'bundle/rootfs', name)
    expect(readFileSync(at('models/Größe 模型.safetensors')).equals(Buffer.from(WEIGHTS))).toBe(true)
    expect(readFileSync(at(`models/${LONG}`), 'utf8')).toBe('long')
    expect(statSync(at('app/start.sh')).mode & 0o777).toBe(0o755)
    expect(statSync(at('models/config.json')).mode & 0o777).toBe(0o644)
    expect(statSync(at('models/config.json')).mtimeMs).toBe(0)
  })
})
