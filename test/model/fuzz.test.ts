import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { examine } from '../../src/model/examine.ts'
import { filesOf, GGUF, ggufOf, join, onnxOf, safetensorsOf } from './files.ts'

const SEEDS: Readonly<Record<string, Uint8Array>> = {
  'm.safetensors': safetensorsOf(
    '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[1,4],"data_offsets":[8,12]}}',
    12,
  ),
  'm.gguf': ggufOf(
    [
      ['general.alignment', GGUF.u32(32)],
      ['tokens', GGUF.texts(['a', 'b'])],
      ['name', GGUF.text('x')],
    ],
    [
      { name: 'a', shape: [32, 2], type: 2, offset: 0 },
      { name: 'b', shape: [3], type: 0, offset: 64 },
    ],
    76,
  ),
  'm.onnx': onnxOf([
    { name: 'w', dims: [2, 3], raw: 24 },
    { name: 'x', dims: [2], external: { location: 'w.bin', offset: '0', length: '8' } },
  ]),
  'v.txt': Uint8Array.from("cos\nsystem\n(S'id'\ntR.", (char) => char.charCodeAt(0)),
  'a.npy': join(
    [0x93],
    new TextEncoder().encode(
      "NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }             \n",
    ),
    [0, 0, 0, 0],
  ),
  't.model': Uint8Array.of(0x0a, 3, 0x0a, 1, 0x61),
}

/** A change at a place: other bytes, fewer, or more. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat({ max: 9 }),
  put: fc.uint8Array({ maxLength: 9 }),
})

async function outcome(path: string, data: Uint8Array): Promise<void> {
  try {
    const { header } = await examine(
      filesOf({ [path]: data, 'w.bin': new Uint8Array(8) }),
      [],
      [{ file: 'w.bin', kind: 'unknown', reason: 'x', sha256: null }],
    )
    const held = (header?.tensors ?? []).reduce((sum, tensor) => sum + tensor.bytes, 0)
    expect(held).toBeLessThanOrEqual(data.length + 8)
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    expect(['MODEL_INVALID', 'MODEL_TRUNCATED', 'MODEL_NOT_A_MODEL', 'FILE_REFUSED']).toContain(error.code)
    expect(error.message.length).toBeLessThan(2000)
  }
}

describe('headers of any bytes end in a header or in an error of ours', () => {
  it.each(Object.entries(SEEDS))('%s, changed', async (path, seed) => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        let data = seed
        for (const { at, drop, put } of changes) {
          const from = Math.floor(at * data.length)
          data = join(data.subarray(0, from), put, data.subarray(from + drop))
        }
        await outcome(path, data)
      }),
      { numRuns: 400 },
    )
  })

  it.each(Object.keys(SEEDS))('%s, cut everywhere', async (path) => {
    for (let length = 0; length < SEEDS[path]!.length; length++) await outcome(path, SEEDS[path]!.subarray(0, length))
  })

  it('any bytes under any name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(SEEDS), 'x', 'x.bin'),
        fc.uint8Array({ maxLength: 200 }),
        outcome,
      ),
      { numRuns: 400 },
    )
  })
})
