import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { examine } from '../../src/model/examine.ts'
import type { Allowed } from '../../src/model/policy.ts'
import { bytesOf, fileOf, filesOf, join, PROTO, safetensorsOf, u32 } from './files.ts'

const look = (path: string, data: Uint8Array | string, allow: readonly Allowed[] = []) =>
  examine([fileOf(path, data)], [], allow)
const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

/** os.system('id') in protocol 4, as Python writes it. */
const PICKLE = latin(
  '\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.',
)
const OLD_PICKLE = "cos\nsystem\n(S'id'\ntR."

/** A ZIP archive of stored, empty files. */
function zipOf(names: readonly string[], before = 0): Uint8Array {
  const head = (signature: number, length: number) => {
    const out = new Uint8Array(length)
    new DataView(out.buffer).setUint32(0, signature, true)
    return out
  }
  const locals = names.map((name) => {
    const local = head(0x04034b50, 30)
    local[26] = name.length
    return join(local, bytesOf(name))
  })
  const central = names.map((name) => {
    const entry = head(0x02014b50, 46)
    entry[28] = name.length
    return join(entry, bytesOf(name))
  })
  const body = join(...locals)
  const directory = join(...central)
  const end = head(0x06054b50, 22)
  end[10] = names.length
  end.set(u32(directory.length), 12)
  end.set(u32(before + body.length), 16)
  return join(body, directory, end)
}
const npy = (descr: string, shape: string, data: number) => {
  const fields = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`
  const header = `${fields.padEnd(117, ' ')}\n`
  return join([0x93], bytesOf('NUMPY'), [1, 0, header.length, 0], bytesOf(header), new Uint8Array(data))
}
const PNG = join([0x89], bytesOf('PNG\r\n\x1a\n'), new Uint8Array(20))

describe('what goes along with a model', () => {
  it.each<[string, Uint8Array | string]>([
    ['README.md', '# Model\n'],
    ['LICENSE', 'MIT'],
    ['vocab.txt', 'cat\ncats\nbird\n(\n.\n'],
    ['merges.txt', 'c at\nR\n.\n'],
    ['config.json', '{"architectures": ["X"]}'],
    ['params.yaml', 'lr: 0.1\nname: hey!\nlist: [1, 2]\n'],
    ['tokenizer.model', PROTO.field(1, 'piece')],
    ['trees.model', 'tree\nversion=v4\n'],
    ['mean.npy', npy('<f4', '(2, 3)', 24)],
    ['names.npy', npy('<U5', '(2,)', 40)],
    ['scalar.npy', npy('|u1', '()', 1)],
    ['plot.png', PNG],
    ['.gitkeep', ''],
    ['added_tokens.json', ''],
  ])('passes: %s', async (path, data) => {
    expect(await look(path, data)).toMatchObject({ header: null, notes: [] })
  })

  it('passes a template with a word about it', async () => {
    expect((await look('chat_template.jinja', '{{ x }}')).notes).toEqual([expect.stringContaining('is a template')])
  })
})

describe('what may run when it is loaded', () => {
  it.each<[string, Uint8Array | string, string, RegExp]>([
    ['model.pkl', PICKLE, 'pickle', /Python pickle.*code/],
    ['model.joblib', join(PICKLE, new Uint8Array(100)), 'pickle', /imports posix.system/],
    ['weights.txt', OLD_PICKLE, 'pickle', /imports os.system/],
    ['config.json', `(ios\nsystem\n.`, 'pickle', /imports os.system/],
    ['plain.pickle', latin('\x80\x04]\x94.'), 'pickle', /pickle/],
    [
      'model.safetensors',
      safetensorsOf(
        `{"a":{"dtype":"U8","shape":[${zipOf(['x/data.pkl']).length}],"data_offsets":[0,${zipOf(['x/data.pkl']).length}]}}`,
        zipOf(['x/data.pkl']),
      ),
      'pickle',
      /archive with Python pickles \(x\/data.pkl\)/,
    ],
    ['pytorch_model.bin', zipOf(['archive/data.pkl', 'archive/data/0']), 'pickle', /archive\/data.pkl/],
    ['model.keras', zipOf(['metadata.json', 'config.json', 'model.weights.h5']), 'zip', /ZIP archive/],
    ['arrays.npz', zipOf(['a.npy']), 'zip', /ZIP archive/],
    ['plot.png', join(PNG, zipOf(['a'], PNG.length)), 'zip', /ZIP archive/],
    ['model.h5', join([0x89], bytesOf('HDF\r\n\x1a\n'), new Uint8Array(40)), 'hdf5', /HDF5/],
    ['libmodel.so', join([0x7f], bytesOf('ELF'), new Uint8Array(40)), 'program', /program/],
    ['README.md', join([0x7f], bytesOf('ELF'), new Uint8Array(40)), 'program', /program/],
    ['model.wasm', join([0], bytesOf('asm'), [1, 0, 0, 0]), 'program', /WebAssembly/],
    ['model.tar.gz', join([0x1f, 0x8b], new Uint8Array(20)), 'archive', /packed archive/],
    ['modeling_x.py', 'import os\n', 'code', /code belongs under artifact.code/],
    ['run.sh', '#!/bin/sh\n', 'code', /artifact.code/],
    ['weights', 'words\n', 'text', /whose name says nothing/],
    ['weights.bin', Uint8Array.of(1, 2, 3, 0), 'unknown', /known to be harmless/],
    ['model.json', '{"class_name": "Lambda", "config": {}}', 'json', /Keras layer that carries code/],
    ['model.yaml', 'a: !!python/object/apply:os.system [id]\n', 'yaml', /YAML tags/],
    ['model.yml', '%TAG ! tag:yaml.org,2002:python/\n---\na: !x 1\n', 'yaml', /YAML tags/],
    ['objects.npy', npy('|O', '(2,)', 16), 'unknown', /known to be harmless/],
    ['long.npy', npy('<f4', '(2,)', 9), 'unknown', /known to be harmless/],
    ['tokenizer.model', Uint8Array.of(0, 1, 2), 'unknown', /known to be harmless/],
    ['photo.jpg', 'no picture', 'image', /no plain image/],
  ])('is refused: %s', async (path, data, kind, why) => {
    const failure = await look(path, data).then(
      () => null,
      (error: unknown) => error as Error,
    )
    expect(failure).toMatchObject({ code: 'FILE_REFUSED', exit: 10, where: [{ file: path }] })
    expect(failure?.message).toMatch(why)
    const line = /add under artifact: (allow: .*)$/.exec(failure!.message)![1]!
    expect(parse(line)).toEqual({ allow: [{ file: path, kind, reason: expect.any(String) }] })
    // The line it prints is the line that helps.
    const { header, notes } = await look(path, data, [{ ...parse(line).allow[0], sha256: null }])
    expect(notes.join('\n')).toContain(`${path} is`)
    expect(header?.files).toEqual([path])
    await expect(look(path, data, [{ file: path, kind: 'other', reason: 'x', sha256: null }])).rejects.toMatchObject({
      code: 'FILE_REFUSED',
    })
  })

  it('is seen by its calls before an end that never comes, and by its imports without a call', async () => {
    await expect(look('a.txt', OLD_PICKLE.slice(0, -1))).rejects.toMatchObject({ code: 'FILE_REFUSED' })
    await expect(look('a.txt', 'cantigravity\nfly\n.')).rejects.toMatchObject({ code: 'FILE_REFUSED' })
  })

  it('quotes a name in the line to paste', async () => {
    const path = 'my "best" model: one.pkl'
    const failure = await look(path, PICKLE).catch((error: Error) => error)
    expect(parse(/(allow: .*)$/.exec((failure as Error).message)![1]!).allow[0].file).toBe(path)
  })

  it('is refused together, with every line', async () => {
    const files = filesOf({ 'a.pkl': PICKLE, 'b.h5': join([0x89], bytesOf('HDF\r\n\x1a\n')) })
    await expect(examine(files, [], [])).rejects.toMatchObject({
      message: expect.stringContaining('and 1 more'),
      next: [expect.stringMatching(/a\.pkl.*kind: pickle.*b\.h5.*kind: hdf5/)],
    })
  })

  it('passes by a pattern, and by a pin only with the very bytes', async () => {
    const allow = (file: string, sha256: string | null): Allowed[] => [{ file, kind: 'pickle', reason: 'ours', sha256 }]
    expect((await look('sub/a.pkl', PICKLE, allow('*.pkl', null))).weights.has('sub/a.pkl')).toBe(true)
    const { createHash } = await import('node:crypto')
    const pin = createHash('sha256').update(PICKLE).digest('hex')
    await look('a.pkl', PICKLE, allow('a.pkl', pin))
    await expect(look('a.pkl', join(PICKLE, [0]), allow('a.pkl', pin))).rejects.toMatchObject({
      code: 'FILE_REFUSED',
      message: expect.stringContaining('pins'),
    })
  })
})

describe("the server's code", () => {
  const app = (path: string, data: Uint8Array | string) => examine([fileOf('w.txt', 'x')], [fileOf(path, data)], [])
  it('may be any text', async () => {
    await app('app.py', 'import os\n')
    await app('Dockerfile', 'FROM x\n')
    await app('static/logo.png', PNG)
  })
  it('is no place for pickles or programs', async () => {
    await expect(app('data.txt', OLD_PICKLE)).rejects.toMatchObject({ code: 'FILE_REFUSED' })
    await expect(app('lib/native.so', join([0x7f], bytesOf('ELF'), new Uint8Array(8)))).rejects.toMatchObject({
      code: 'FILE_REFUSED',
    })
  })
})

describe('what is no model', () => {
  const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n'
  it.each<[string, string, RegExp, string[]]>([
    ['model.safetensors', LFS, /a Git LFS pointer/, ['git lfs pull']],
    ['tokenizer.json', LFS, /a Git LFS pointer/, ['git lfs pull']],
    ['model.gguf', '<!DOCTYPE html><html>', /an HTML page/, []],
    ['model.gguf', '\n  <html>', /an HTML page/, []],
    ['model.onnx', '<?xml version="1.0"?><Error/>', /an XML text/, []],
    ['model.safetensors', '{"error":"Invalid username or password."}', /a JSON text.*Invalid username/, []],
    ['model.onnx', 'Entry not found', /a text: "Entry not found"/, []],
    ['model.gguf', '', /an empty file/, []],
    ['model.safetensors', '', /an empty file/, []],
  ])('%s: %s', async (path, data, message, next) => {
    await expect(look(path, data)).rejects.toMatchObject({
      code: 'MODEL_NOT_A_MODEL',
      exit: 2,
      message: expect.stringMatching(message),
      next,
    })
  })
})
