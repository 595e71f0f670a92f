import { describe, expect, it } from 'vitest'
import { examine } from '../../src/model/examine.ts'
import { filesOf, join, safetensorsOf, u64 } from './files.ts'

const read = (files: Readonly<Record<string, Uint8Array | string>>) => examine(filesOf(files), [], [])
const one = (header: string, data: number) => read({ 'm.safetensors': safetensorsOf(header, data) })
const T = (offsets: string, shape = '[2]', dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`

describe('safetensors', () => {
  it('tells tensors, types, parameters and metadata', async () => {
    const { header, weights } = await one(
      `{"__metadata__":{"format":"pt"},"a":${T('[0,8]')},"b":${T('[8,14]', '[1,3]', 'BF16')},"e":${T('[14,14]', '[0]')}}  `,
      14,
    )
    expect(header).toMatchObject({ format: 'safetensors', parameters: 5, metadata: { format: 'pt' } })
    expect(header?.tensors.map(({ name, dtype, shape, bytes }) => [name, dtype, shape, bytes])).toEqual([
      ['a', 'F32', [2], 8],
      ['b', 'BF16', [1, 3], 6],
      ['e', 'F32', [0], 0],
    ])
    expect([...weights]).toEqual(['m.safetensors'])
  })

  it.each([
    [
      'a tensor beyond the end',
      `{"a":${T('[0,8]')}}`,
      7,
      'MODEL_TRUNCATED',
      /byte \d+: the file ends here.*"a" goes to byte/,
    ],
    ['bytes that overlap', `{"a":${T('[0,8]')},"b":${T('[4,12]')}}`, 12, 'MODEL_INVALID', /"b" overlaps/],
    [
      'a hole between tensors',
      `{"a":${T('[0,8]')},"b":${T('[9,17]')}}`,
      17,
      'MODEL_INVALID',
      /1 bytes before tensor "b" belong to none/,
    ],
    ['bytes at the end', `{"a":${T('[0,8]')}}`, 9, 'MODEL_INVALID', /1 bytes at the end/],
    ['a name twice', `{"a":${T('[0,8]')},"a":${T('[0,8]')}}`, 8, 'MODEL_INVALID', /byte \d+: .*"a" stands twice/],
    ['a name twice, once escaped', `{"a":${T('[0,8]')},"\\u0061":${T('[0,8]')}}`, 8, 'MODEL_INVALID', /stands twice/],
    ['an unknown type', `{"a":${T('[0,8]', '[2]', 'X9')}}`, 8, 'MODEL_INVALID', /unknown dtype "X9"; known: .*BF16/],
    ['a type named like a method', `{"a":${T('[0,8]', '[2]', 'constructor')}}`, 8, 'MODEL_INVALID', /unknown dtype/],
    [
      'a shape that does not fit',
      `{"a":${T('[0,8]', '[3]')}}`,
      8,
      'MODEL_INVALID',
      /takes 8 bytes, but F32 \[3\] needs 12/,
    ],
    [
      'an overflow',
      `{"a":${T('[0,8]', '[4294967296,4294967296,4294967296]')}}`,
      8,
      'MODEL_INVALID',
      /beyond what a file can hold/,
    ],
    ['a size beyond 2^53', `{"a":${T('[0,8]', '[18014398509481984]')}}`, 8, 'MODEL_INVALID', /no sound shape/],
    ['a negative offset', `{"a":${T('[-8,0]')}}`, 8, 'MODEL_INVALID', /no sound data_offsets/],
    [
      'an unknown key',
      `{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}}`,
      1,
      'MODEL_INVALID',
      /unknown key "x"/,
    ],
    [
      'metadata that is no text',
      `{"__metadata__":{"a":1},"b":${T('[0,8]')}}`,
      8,
      'MODEL_INVALID',
      /__metadata__ "a" is no string/,
    ],
    ['no JSON', `{"a":`, 0, 'MODEL_INVALID', /no sound JSON/],
    ['JSON of another kind', `[]`, 0, 'MODEL_INVALID', /does not begin with \{/],
    ['depth', `{"a":${'['.repeat(50)}${']'.repeat(50)}}`, 0, 'MODEL_INVALID', /nested deeper/],
    ['more after the header', `{"a":${T('[0,8]')}} x`, 8, 'MODEL_INVALID', /more bytes after the end/],
  ])('refuses %s', async (_what, header, data, code, message) => {
    await expect(one(header, data)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      where: [{ file: 'm.safetensors' }],
    })
  })

  it.each([
    ['cut inside its length', Uint8Array.of(9, 0, 0), 'MODEL_TRUNCATED'],
    ['cut inside its header', join(u64(100), [0x7b]), 'MODEL_TRUNCATED'],
    ['with a header over the limit', join(u64(2 ** 26), [0x7b]), 'MODEL_INVALID'],
    ['with a header of 2^64 - 1 bytes', join(u64(2n ** 64n - 1n), [0x7b]), 'MODEL_INVALID'],
  ])('refuses a file %s', async (_what, data, code) => {
    await expect(read({ 'm.safetensors': data })).rejects.toMatchObject({ code, exit: 2 })
  })

  it('reads shards by their index, and refuses an index that lies', async () => {
    const shard = (name: string) => safetensorsOf(`{"${name}":${T('[0,8]')}}`, 8)
    const index = (map: object) => JSON.stringify({ metadata: { total_size: 16 }, weight_map: map })
    const shards = { 's/m-1.safetensors': shard('a'), 's/m-2.safetensors': shard('b') }
    const at = 's/model.safetensors.index.json'
    const sound = await read({ ...shards, [at]: index({ a: 'm-1.safetensors', b: 'm-2.safetensors' }) })
    expect(sound.header).toMatchObject({ parameters: 4, files: ['s/m-1.safetensors', 's/m-2.safetensors'] })
    const wrong: [object, RegExp][] = [
      [{ a: 'm-1.safetensors', b: 'm-3.safetensors' }, /shard "m-3.safetensors" is missing/],
      [{ a: 'm-1.safetensors', b: 'm-1.safetensors' }, /tensor "b" is not in "m-1.safetensors"/],
      [{ a: 'm-1.safetensors', b: '../s/m-2.safetensors' }, /no sound file name/],
    ]
    for (const [map, message] of wrong)
      await expect(read({ ...shards, [at]: index(map) })).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        message: expect.stringMatching(message),
      })
    const more = safetensorsOf(`{"a":${T('[0,8]')},"c":${T('[8,16]')}}`, 16)
    await expect(
      read({ ...shards, 's/m-1.safetensors': more, [at]: index({ a: 'm-1.safetensors', b: 'm-2.safetensors' }) }),
    ).rejects.toThrow(/tensor "c" of "s\/m-1.safetensors" is not in the index/)
    await expect(read({ ...shards, [at]: '{"weight_map":{"a":1,"a":2}}' })).rejects.toThrow(/stands twice/)
  })
})
