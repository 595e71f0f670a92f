/** What one try of a command shows. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  answerJson,
  answerPointer,
  likelyPorts,
  modelArgument,
  modelNameOf,
  pathArguments,
  withPlaceholders,
} from '../../src/config/guess.ts'
import { MODEL_NAME } from '../../src/config/schema/index.ts'
import { atPointer } from '../../src/kit/json.ts'

describe('the name of a model', () => {
  test.each([
    ['digits', 'digits'],
    ['My Model (v2)', 'my-model-v2'],
    ['llama-3.1_8b', 'llama-3.1_8b'],
    ['--x--', 'x'],
    ['a..b__c', 'a-b-c'],
    ['模型', 'model'],
    ['', 'model'],
    ['x'.repeat(200), 'x'.repeat(63)],
  ])('of %j is %j', (folder, name) => expect(modelNameOf(folder)).toBe(name))

  test('is always a valid one', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (folder) => MODEL_NAME.test(modelNameOf(folder))))
  })
})

describe('the port', () => {
  test.each([
    [
      ['python', 'app.py', '--port', '5000'],
      ['python', 'app.py', '--port', '{port}'],
    ],
    [
      ['x', '--port=5000'],
      ['x', '--port={port}'],
    ],
    [
      ['x', '--bind', '0.0.0.0:5000'],
      ['x', '--bind', '0.0.0.0:{port}'],
    ],
    [
      ['x', '-p', '5000', '--max', '15000', '--name', 'v5000'],
      ['x', '-p', '{port}', '--max', '15000', '--name', 'v5000'],
    ],
    [
      ['uvicorn', 'app:main', '--host', '0.0.0.0', '--port', '5000'],
      ['uvicorn', 'app:main', '--host', '{host}', '--port', '{port}'],
    ],
    [
      ['5000', '1.5000'],
      ['5000', '1.5000'],
    ],
  ])('of %j', (command, expected) => {
    expect(withPlaceholders(command, { port: 5000, model: undefined })).toEqual(expected)
  })

  test('is looked for at flags named so first', () => {
    expect(likelyPorts(['x', '--metrics', '9000', '--port', '5000', '0.0.0.0:7000'])).toEqual([5000, 9000, 7000])
    expect(likelyPorts(['5000', 'app.py'])).toEqual([])
  })
})

describe('the model', () => {
  const disk: Readonly<Record<string, 'file' | 'folder'>> = {
    'app.py': 'file',
    'lib/server.js': 'file',
    'w.safetensors': 'file',
    './model': 'folder',
    static: 'folder',
    'conf.yaml': 'file',
    weights: 'folder',
    'data.txt': 'file',
  }
  const kindOf = (path: string) => disk[path] ?? null
  test.each([
    [['python', 'app.py', '--model', './model'], './model'],
    [['python', 'app.py', '--model=./model', '--static', 'static'], './model'],
    [['python', 'app.py', 'w.safetensors'], 'w.safetensors'],
    [['llama-server', '-m', 'w.safetensors', '--conf', 'conf.yaml'], 'w.safetensors'],
    [['python', 'app.py', 'static', 'weights'], 'weights'],
    [['python', 'app.py', '--checkpoint', 'data.txt'], 'data.txt'],
    [['python', 'app.py', '--conf', 'conf.yaml'], undefined],
    [['python', 'app.py', '--model', 'missing'], undefined],
    [['./model', 'serve'], undefined],
  ])('of %j is %j', (command, model) => expect(modelArgument(command, kindOf)).toBe(model))

  test('is replaced wherever it stands', () => {
    expect(withPlaceholders(['x', '-m', './model', '--model=./model'], { port: 1, model: './model' })).toEqual([
      'x',
      '-m',
      '{model}',
      '--model={model}',
    ])
  })

  test('paths are looked for among values, not flags', () => {
    expect(pathArguments(['x', 'a', '--b', 'c', '--d=e', '{model}'])).toEqual(['a', 'c', 'e'])
  })
})

describe('the answer pointer', () => {
  test.each<[unknown, unknown, string | undefined]>([
    [{ label: 7 }, undefined, '/label'],
    [{ words: 3, prediction: 'cat' }, undefined, '/prediction'],
    [{ id: 'x', scores: [0.1, 0.9], label: 7 }, undefined, '/label'],
    [{ predictions: [{ score: 0.5, class: 'cat' }] }, undefined, '/predictions/0/score'],
    [{ predictions: ['cat'] }, undefined, '/predictions/0'],
    [{ choices: [{ message: { role: 'a', content: 'hi' } }], usage: {} }, undefined, '/choices/0/message/content'],
    [{ id: 'x', created: 1, data: { 'a/b~c': 'found' } }, 'found', '/data/a~1b~0c'],
    [{ a: 7, b: { c: 8 } }, 8, '/b/c'],
    [{ a: 7 }, 9, undefined],
    [[1, 2], undefined, '/0'],
    ['cat', undefined, ''],
    [3, undefined, ''],
    [{ a: [1, 2] }, [1, 2], '/a'],
    [null, undefined, undefined],
    [{}, undefined, undefined],
  ])('of %j (expecting %j) is %j', (answer, expected, pointer) => {
    expect(answerPointer(answer, expected)).toBe(pointer)
  })

  test('points at what was expected', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.string({ minLength: 8 }), fc.string(), (noise, needle, key) => {
        const answer = { noise, [key]: { deep: [needle] } }
        const pointer = answerPointer(answer, needle)
        expect(pointer === undefined ? undefined : atPointer(answer, pointer)).toBe(needle)
      }),
    )
  })

  test('of a stream is that of its last event, or of the message that deltas make', () => {
    const last = answerJson('text/event-stream', 'data: {"a": 1}\n\ndata: {"label": 2}\n\ndata: [DONE]\n\n')
    expect(last).toEqual({ label: 2 })
    const deltas = answerJson('text/event-stream', 'data: {"choices":[{"delta":{"content":"h"}}]}\n\ndata: [DONE]\n\n')
    expect(answerPointer(deltas)).toBe('/choices/0/message/content')
    expect(answerJson('text/html', '<html>')).toBeUndefined()
  })
})
