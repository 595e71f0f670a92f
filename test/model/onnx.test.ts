import { describe, expect, it } from 'vitest'
import { examine } from '../../src/model/examine.ts'
import { filesOf, join, type OnnxTensor, onnxOf, onnxTensor, PROTO, varint } from './files.ts'

const read = (files: Readonly<Record<string, Uint8Array | string>>) => examine(filesOf(files), [], [])
const W: OnnxTensor = { name: 'w', dims: [2, 3], raw: 24 }
const outside = (name: string, external: Readonly<Record<string, string>>): OnnxTensor => ({
  name,
  dims: [2],
  external,
})

describe('onnx', () => {
  it('tells tensors, types, parameters and metadata', async () => {
    const { header, weights } = await read({ 'm.onnx': onnxOf([W, { name: 'b', dims: [3], type: 22, raw: 2 }]) })
    expect(header).toMatchObject({
      format: 'onnx',
      parameters: 9,
      metadata: { ir_version: 8, producer_name: 'tests', 'opset.ai.onnx': 17 },
    })
    expect(header?.tensors.map(({ name, dtype, bytes }) => [name, dtype, bytes])).toEqual([
      ['w', 'FLOAT', 24],
      ['b', 'INT4', 2],
    ])
    expect([...weights]).toEqual(['m.onnx'])
  })

  it('finds tensors in files beside it, whatever their names', async () => {
    const model = onnxOf([
      outside('a', { location: 'w.bin' }),
      outside('b', { location: './w.bin', offset: '64', length: '8' }),
      outside('c', { location: 'w.bin', offset: '64' }),
    ])
    const { header, weights } = await read({ 'd/m.onnx': model, 'd/w.bin': new Uint8Array(72) })
    expect(header?.files).toEqual(['d/m.onnx', 'd/w.bin'])
    expect([...weights]).toEqual(['d/m.onnx', 'd/w.bin'])
  })

  it('finds them in the attributes of nodes, in graphs below, in functions and sparse tensors too', async () => {
    const hidden = onnxTensor(outside('h', { location: 'h.bin' }))
    const inAttribute = (number: number, bytes: Uint8Array) =>
      PROTO.field(1, PROTO.field(5, PROTO.field(number, bytes)))
    const places = [
      PROTO.field(7, inAttribute(5, hidden)),
      PROTO.field(7, inAttribute(10, hidden)),
      PROTO.field(7, inAttribute(6, PROTO.field(5, hidden))),
      PROTO.field(7, PROTO.field(15, PROTO.field(1, hidden))),
      PROTO.field(7, inAttribute(22, PROTO.field(2, hidden))),
    ]
    for (const place of places)
      await expect(read({ 'm.onnx': place })).rejects.toThrow(/"h.bin" that holds its tensors is missing/)
    const inFunction = PROTO.field(25, PROTO.field(7, PROTO.field(5, PROTO.field(5, hidden))))
    await expect(read({ 'm.onnx': onnxOf([W], inFunction) })).rejects.toThrow(/"h.bin"/)
  })

  it('names operators that come from elsewhere', async () => {
    const { notes } = await read({
      'm.onnx': onnxOf([W], PROTO.field(8, join(PROTO.field(1, 'evil.ops'), PROTO.number(2, 1)))),
    })
    expect(notes).toEqual([expect.stringContaining('operators of evil.ops')])
  })

  it.each<[string, Record<string, string>]>([
    ['above', { location: '../w.bin' }],
    ['above, hidden', { location: 'x/../../w.bin' }],
    ['at the root', { location: '/etc/passwd' }],
    ['on a drive', { location: 'C:w.bin' }],
    ['behind a backslash', { location: '..\\w.bin' }],
    ['nowhere', { location: '' }],
  ])('refuses bytes that lie %s', async (_what, external) => {
    await expect(
      read({ 'd/m.onnx': onnxOf([outside('a', external)]), 'w.bin': new Uint8Array(8) }),
    ).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/outside the model's folder/),
    })
  })

  it.each<[string, OnnxTensor[], number, string, RegExp]>([
    [
      'a missing file',
      [outside('a', { location: 'x.bin' })],
      8,
      'MODEL_INVALID',
      /"x.bin" that holds its tensors is missing/,
    ],
    ['a file cut short', [outside('a', { location: 'w.bin' })], 7, 'MODEL_TRUNCATED', /goes to byte 8/],
    [
      'an offset beyond the file',
      [outside('a', { location: 'w.bin', offset: '9007199254740984' })],
      8,
      'MODEL_TRUNCATED',
      /ends here/,
    ],
    [
      'an offset that is none',
      [outside('a', { location: 'w.bin', offset: '-1' })],
      8,
      'MODEL_INVALID',
      /no whole number/,
    ],
    ['another length', [outside('a', { location: 'w.bin', length: '7' })], 8, 'MODEL_INVALID', /takes 7 bytes/],
    [
      'bytes that overlap',
      [outside('a', { location: 'w.bin' }), outside('b', { location: 'w.bin', offset: '4' })],
      12,
      'MODEL_INVALID',
      /"b" overlaps/,
    ],
    ['a hole', [outside('a', { location: 'w.bin', offset: '70000' })], 70008, 'MODEL_INVALID', /70000 bytes before/],
    ['bytes at the end', [outside('a', { location: 'w.bin' })], 70008, 'MODEL_INVALID', /70000 bytes at the end/],
    [
      'bytes here and there',
      [{ ...outside('a', { location: 'w.bin' }), raw: 8 }],
      8,
      'MODEL_INVALID',
      /both in the file and outside/,
    ],
    ['strings outside', [{ ...outside('a', { location: 'w.bin' }), type: 8 }], 8, 'MODEL_INVALID', /holds strings/],
  ])('refuses external data with %s', async (_what, tensors, size, code, message) => {
    await expect(read({ 'm.onnx': onnxOf(tensors), 'w.bin': new Uint8Array(size) })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  it.each<[string, Uint8Array, string, RegExp]>([
    ['a cut graph', onnxOf([W]).subarray(0, 40), 'MODEL_TRUNCATED', /ends inside its graph/],
    ['missing bytes', onnxOf([{ ...W, raw: 20 }]), 'MODEL_INVALID', /holds 20 bytes, but FLOAT \[2, 3\] needs 24/],
    ['no bytes at all', onnxOf([{ name: 'w', dims: [2] }]), 'MODEL_INVALID', /has no bytes/],
    ['a name twice', onnxOf([W, W]), 'MODEL_INVALID', /"w" stands twice/],
    ['a second graph', join(onnxOf([W]), PROTO.field(7, '')), 'MODEL_INVALID', /a second graph/],
    ['an unknown type', onnxOf([{ ...W, type: 99 }]), 'MODEL_INVALID', /unknown type 99; known: FLOAT/],
    ['a negative size', onnxOf([{ ...W, dims: [2n ** 64n - 1n] }]), 'MODEL_INVALID', /beyond what a file can hold/],
    ['an overflow', onnxOf([{ ...W, dims: [2n ** 40n, 2n ** 40n] }]), 'MODEL_INVALID', /beyond what a file can hold/],
    [
      'raw bytes twice',
      PROTO.field(7, PROTO.field(5, join(onnxTensor(W), PROTO.field(9, new Uint8Array(24))))),
      'MODEL_INVALID',
      /field 9 of a tensor stands twice/,
    ],
    ['no graph', PROTO.number(1, 8), 'MODEL_INVALID', /holds no ONNX graph/],
    ['a number without end', Uint8Array.from([8, ...new Array(11).fill(0xff)]), 'MODEL_INVALID', /more than 10 bytes/],
    [
      'a field longer than what holds it',
      PROTO.field(7, join([0x2a], varint(100), new Uint8Array(2))),
      'MODEL_TRUNCATED',
      /ends inside/,
    ],
    ['a group', Uint8Array.from([0x3b, 0]), 'MODEL_INVALID', /wire type 3/],
    ['graphs without end', deep(60), 'MODEL_INVALID', /nested deeper than 32/],
  ])('refuses %s', async (_what, data, code, message) => {
    await expect(read({ 'm.onnx': data })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

/** Graphs in attributes of nodes of graphs. */
function deep(levels: number): Uint8Array {
  let graph = new Uint8Array()
  for (let k = 0; k < levels; k++) graph = new Uint8Array(PROTO.field(1, PROTO.field(5, PROTO.field(6, graph))))
  return PROTO.field(7, graph)
}
