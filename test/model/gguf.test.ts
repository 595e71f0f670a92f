import { describe, expect, it } from 'vitest'
import { examine } from '../../src/model/examine.ts'
import { bytesOf, filesOf, GGUF, type GgufTensor, ggufOf, join, u32, u64 } from './files.ts'

const read = (files: Readonly<Record<string, Uint8Array | string>>) => examine(filesOf(files), [], [])
const A: GgufTensor = { name: 'a', shape: [32, 2], type: 2, offset: 0 }
const B: GgufTensor = { name: 'b', shape: [3], type: 0, offset: 64 }
const SOUND = ggufOf(
  [
    ['general.architecture', GGUF.text('llama')],
    ['tokenizer.ggml.tokens', GGUF.texts(['<s>', 'é'])],
  ],
  [A, B],
  76,
)

describe('gguf', () => {
  it('tells tensors, types, parameters and metadata', async () => {
    const { header, notes } = await read({ 'm.gguf': SOUND })
    expect(header).toMatchObject({
      format: 'gguf',
      parameters: 67,
      metadata: { 'general.architecture': 'llama', 'tokenizer.ggml.tokens': '2 values' },
    })
    expect(header?.tensors.map(({ dtype, bytes }) => [dtype, bytes])).toEqual([
      ['Q4_0', 36],
      ['F32', 12],
    ])
    expect(notes).toEqual([])
  })

  it('says that a chat template is a program', async () => {
    const { notes } = await read({ 'm.gguf': ggufOf([['tokenizer.chat_template', GGUF.text('{{ x }}')]], [A], 36) })
    expect(notes).toEqual([expect.stringContaining('chat template')])
  })

  it('reads version 1 and big-endian files', async () => {
    const name = join(u32(1), bytesOf('a'))
    const v1 = join(bytesOf('GGUF'), u32(1), u32(1), u32(0), name, u32(1), u32(3), u32(0), u64(0))
    const padded = join(v1, new Uint8Array((32 - (v1.length % 32)) % 32), new Uint8Array(12))
    expect((await read({ 'm.gguf': padded })).header?.parameters).toBe(3)
    const turned = (bytes: Uint8Array) => Uint8Array.from([...bytes].reverse())
    const be = join(
      bytesOf('GGUF'),
      turned(u32(3)),
      turned(u64(1)),
      turned(u64(0)),
      turned(u64(1)),
      bytesOf('a'),
      turned(u32(1)),
      turned(u64(3)),
      u32(0),
      u64(0),
    )
    expect(
      (await read({ 'm.gguf': join(be, new Uint8Array((32 - (be.length % 32)) % 32), new Uint8Array(12)) })).header
        ?.parameters,
    ).toBe(3)
  })

  it.each<[string, Uint8Array, string, RegExp]>([
    [
      'a tensor beyond the end',
      SOUND.subarray(0, SOUND.length - 1),
      'MODEL_TRUNCATED',
      /byte \d+: the file ends here, but tensor "b" goes to/,
    ],
    ['a cut header', SOUND.subarray(0, 60), 'MODEL_TRUNCATED', /ends inside its header/],
    ['bytes at the end', ggufOf([], [A], 97), 'MODEL_INVALID', /bytes at the end belong to no tensor/],
    [
      'a hole',
      ggufOf([], [A, { ...B, offset: 128 }], 140),
      'MODEL_INVALID',
      /64 bytes before tensor "b" belong to none/,
    ],
    ['bytes that overlap', ggufOf([], [A, { ...B, offset: 32 }], 64), 'MODEL_INVALID', /tensor "b" overlaps/],
    ['an offset that is not aligned', ggufOf([], [A, { ...B, offset: 40 }], 64), 'MODEL_INVALID', /not aligned/],
    ['a name twice', ggufOf([], [A, { ...B, name: 'a' }], 76), 'MODEL_INVALID', /tensor "a" stands twice/],
    [
      'a key twice',
      ggufOf(
        [
          ['k', GGUF.u32(1)],
          ['k', GGUF.u32(2)],
        ],
        [A],
        36,
      ),
      'MODEL_INVALID',
      /key "k" stands twice/,
    ],
    ['an unknown tensor type', ggufOf([], [{ ...A, type: 77 }], 36), 'MODEL_INVALID', /unknown type 77; known: F32/],
    [
      'rows that are no whole blocks',
      ggufOf([], [{ ...A, shape: [16, 4] }], 36),
      'MODEL_INVALID',
      /rows of 16 elements/,
    ],
    [
      'an overflow of the shape',
      ggufOf([], [{ ...A, shape: [2n ** 40n, 2n ** 40n] }], 36),
      'MODEL_INVALID',
      /beyond what a file can hold/,
    ],
    [
      'a size of 2^64 - 1',
      ggufOf([], [{ ...A, shape: [2n ** 64n - 1n] }], 36),
      'MODEL_INVALID',
      /beyond what a file can hold/,
    ],
    ['an offset of 2^64 - 32', ggufOf([], [{ ...A, offset: 2n ** 64n - 32n }], 36), 'MODEL_INVALID', /begins beyond/],
    ['too many dimensions', ggufOf([], [{ ...A, shape: new Array(9).fill(1) }], 36), 'MODEL_INVALID', /9 dimensions/],
    [
      'an alignment of nothing',
      ggufOf([['general.alignment', GGUF.u32(0)]], [A], 36),
      'MODEL_INVALID',
      /general.alignment/,
    ],
    [
      'a version of the future',
      join(bytesOf('GGUF'), u32(4), u64(0), u64(0)),
      'MODEL_INVALID',
      /version 4; known are 1, 2 and 3/,
    ],
    ['2^63 tensors', join(bytesOf('GGUF'), u32(3), u64(2n ** 63n), u64(0)), 'MODEL_INVALID', /tensors are announced/],
    ['2^40 keys', join(bytesOf('GGUF'), u32(3), u64(0), u64(2 ** 40)), 'MODEL_INVALID', /keys are announced/],
    [
      'a string of 2^62 bytes',
      join(bytesOf('GGUF'), u32(3), u64(0), u64(1), u64(2n ** 62n)),
      'MODEL_INVALID',
      /a string of/,
    ],
    ['an unknown value type', ggufOf([['k', [13, u32(0)]]], [A], 36), 'MODEL_INVALID', /unknown value type 13/],
    [
      'an array of 2^60 values',
      ggufOf([['k', [9, join(u32(0), u64(2n ** 60n))]]], [A], 36),
      'MODEL_INVALID',
      /an array of/,
    ],
    [
      'arrays without end',
      ggufOf([['k', [9, join(...new Array(9).fill(join(u32(9), u64(1))))]]], [A], 36),
      'MODEL_INVALID',
      /nested deeper/,
    ],
    ['another format', join(new Uint8Array(16)), 'MODEL_INVALID', /does not begin with GGUF/],
  ])('refuses %s', async (_what, data, code, message) => {
    await expect(read({ 'm.gguf': data })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      where: [{ file: 'm.gguf' }],
    })
  })

  it('reads split models, and refuses parts that do not belong together', async () => {
    const part = (no: number, count: number, tensor: GgufTensor, total: number) =>
      ggufOf(
        [
          ['split.no', GGUF.u16(no)],
          ['split.count', GGUF.u16(count)],
          ['split.tensors.count', [5, u32(total)]],
        ],
        [tensor],
        36,
      )
    const B2 = { ...A, name: 'b' }
    const [one, two] = ['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf']
    const sound = { [one]: part(0, 2, A, 2), [two]: part(1, 2, B2, 2) }
    expect((await read(sound)).header).toMatchObject({ parameters: 128, files: [one, two] })
    const wrong: [Record<string, Uint8Array>, RegExp][] = [
      [{ [one]: sound[one]! }, /part "m-00002-of-00002.gguf" is missing/],
      [{ ...sound, [two]: part(1, 2, A, 2) }, /tensor "a" stands in two parts/],
      [{ ...sound, [two]: part(0, 2, B2, 2) }, /its name says part 2/],
      [{ [one]: part(0, 2, A, 3), [two]: part(1, 2, B2, 3) }, /3 tensors are announced, the parts hold 2/],
      [{ 'x.gguf': part(0, 2, A, 2) }, /is not named NAME-00001-of-00002.gguf/],
      [{ [one]: part(0, 3, A, 2), [two]: sound[two]! }, /its name says 2 parts, its header 3/],
    ]
    for (const [files, message] of wrong)
      await expect(read(files)).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        message: expect.stringMatching(message),
      })
  })
})
