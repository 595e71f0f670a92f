import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findConfig, loadConfig, parseConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/types.ts'
import { systemFiles } from '../../src/io/files.ts'
import { LONG } from './long-form.ts'

const SHORTEST = 'apiVersion: slipway.dev/v1\nmodel: digits\nserving: {command: [python, app.py]}\n'
const parse = (text: string): Config => parseConfig(text, '/project/slipway.yaml', 'slipway.yaml')

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'slipway-config-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('defaults', () => {
  const config = parse(SHORTEST)
  const minute = 60_000

  test('of artifact, training and evaluation', () => {
    expect(config).toMatchObject({
      apiVersion: 'slipway.dev/v1',
      file: '/project/slipway.yaml',
      folder: '/project',
      model: 'digits',
    })
    expect(config.artifact).toEqual({
      path: './model',
      assumed: true,
      code: null,
      include: ['**'],
      exclude: [],
      links: 'refuse',
      allow: [],
    })
    expect(config.training).toBeNull()
    expect(config.evaluation).toEqual({
      labelled: false,
      sets: {},
      request: {},
      labels: { arriveMs: minute, key: null },
      keepAnswers: false,
    })
  })

  test('of serving', () => {
    expect(config.serving).toEqual({
      template: 'custom',
      command: ['python', 'app.py'],
      port: null,
      params: {},
      prepare: [],
      env: {},
      envFile: null,
      ready: { path: null, timeoutMs: 10 * minute },
      drainMs: 5 * minute,
      replicas: 1,
      resources: { memoryBytes: null, cpu: null, gpu: null },
      requests: null,
      answer: null,
      sticky: null,
    })
  })

  test('of release', () => {
    expect(config.release).toEqual({
      steps: null,
      gates: [
        {
          kind: 'errors',
          name: 'errors',
          margin: 0.01,
          bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'],
          except: [401, 404, 429],
        },
        { kind: 'latency', name: 'latency', of: 'total', above: { quantile: 0.95 }, margin: 0.03 },
      ],
      horizonMs: 60 * minute,
      alpha: 0.05,
      holdMs: 24 * 60 * minute,
    })
  })

  test('of environments', () => {
    expect(Object.keys(config.environments)).toEqual(['dev'])
    expect(config.environments.dev).toEqual({
      name: 'dev',
      platform: 'local',
      listen: { host: '127.0.0.1', port: 7070 },
      control: { host: '127.0.0.1', port: 7071 },
      limits: { inFlight: 512, queue: 512, bodyBytes: 32 * 2 ** 20 },
      timeouts: { connectMs: 2000, firstByteMs: 10 * minute, idleMs: 5 * minute },
      serving: config.serving,
      release: config.release,
      baseline: null,
      notify: null,
    })
  })

  test('of steps', () => {
    const { release } = parse(
      `${SHORTEST}release: {steps: [{shadow: {}}, {canary: {weight: 5%}}, {full: {}}]}\nevaluation: {sets: {g: {path: g}}}`,
    )
    expect(release.steps).toEqual([
      { kind: 'shadow', fraction: 1, noise: null, forMs: 0, pairs: 'auto' },
      { kind: 'canary', weight: 0.05, forMs: 5 * minute },
      { kind: 'full', watchMs: 30 * minute, keepWarmMs: 30 * minute },
    ])
    expect(parse(`${SHORTEST}release: {steps: [{swap: {}}]}`).release.steps).toEqual([
      { kind: 'swap', waitMs: 2 * minute, watchMs: 30 * minute },
    ])
  })

  test('of gates that are named alone are those of the default gates', () => {
    const { release } = parse(`${SHORTEST}release: {gates: [{errors: {}}, {latency: {}}]}`)
    expect(release.gates).toEqual(config.release.gates)
  })

  test('of gates of quality and agreement', () => {
    const { release } = parse(`${SHORTEST}release: {gates: [{quality: {labels: true}}, {agreement: {}}]}`)
    expect(release.gates).toEqual([
      { kind: 'quality', name: 'quality', source: { labels: true }, evaluator: null, margin: 0.03, min: null },
      { kind: 'agreement', name: 'agreement', evaluator: { kind: 'exact-match' }, maxDisagreement: null },
    ])
  })

  test('of an evaluator that is a command', () => {
    const { evaluation } = parse(
      `${SHORTEST}evaluation: {sets: {g: {path: g}, h: {path: h, evaluator: {command: [judge]}}}}`,
    )
    expect(evaluation.sets).toEqual({
      g: { path: 'g', evaluator: { kind: 'exact-match' } },
      h: { path: 'h', evaluator: { kind: 'command', command: ['judge'], timeoutMs: 10_000 } },
    })
  })
})

describe('default gates', () => {
  const names = (evaluation: string): unknown =>
    parse(`${SHORTEST}evaluation: ${evaluation}`).release.gates?.map((gate) =>
      gate.kind === 'quality' ? [gate.name, gate.source] : gate.name,
    )

  test('a set alone is quality', () => {
    expect(names('{sets: {golden: {path: g}}}')).toEqual(['errors', 'latency', ['quality', { set: 'golden' }]])
  })
  test('are those that are written without a margin', () => {
    const sets = 'evaluation: {sets: {golden: {path: g}}}'
    const written = parse(
      `${SHORTEST}${sets}\nrelease: {gates: [{errors: {}}, {latency: {}}, {quality: {set: golden}}]}`,
    )
    expect(parse(SHORTEST + sets).release.gates).toEqual(written.release.gates)
  })
  test('labels alone are quality', () => {
    expect(names('{labels: {}}')).toEqual(['errors', 'latency', ['quality', { labels: true }]])
  })
  test('with both, the set has its own name', () => {
    expect(names('{labels: {}, sets: {golden: {path: g}}}')).toEqual([
      'errors',
      'latency',
      ['quality', { labels: true }],
      ['golden', { set: 'golden' }],
    ])
  })
})

test('the long form of the contract', async () => {
  await expect(`${JSON.stringify(parse(LONG), null, 2)}\n`).toMatchFileSnapshot('../golden/config/long-form.json')
})

describe('templates', () => {
  const of = (serving: string): Config['serving'] =>
    parse(`apiVersion: slipway.dev/v1\nmodel: m\nserving: ${serving}`).serving

  test('give command, ready path, requests, answer, drain and params', () => {
    expect(of('{template: llamacpp}')).toMatchObject({
      template: 'llamacpp',
      command: expect.arrayContaining(['llama-server', '{model}', '{port}', '{ctx}']),
      ready: { path: '/health' },
      requests: expect.arrayContaining(['POST /v1/chat/completions']),
      answer: '/choices/0/message/content',
      drainMs: 300_000,
      params: { ctx: 4096, parallel: 1 },
    })
    expect(of('{template: node-classifier}')).toMatchObject({
      answer: '/label',
      requests: ['POST /predict'],
      drainMs: 30_000,
    })
  })

  test('what the file says wins', () => {
    const serving = of(
      '{template: llamacpp, command: [x], params: {ctx: 8}, ready: {path: /r}, drain: 1s, requests: ["GET /a"], answer: /b}',
    )
    expect(serving).toMatchObject({
      command: ['x'],
      params: { ctx: 8, parallel: 1 },
      ready: { path: '/r' },
      drainMs: 1000,
      requests: ['GET /a'],
      answer: '/b',
    })
  })
})

describe('finding the file', () => {
  test('here, in a parent folder, or as named', async () => {
    const root = folder()
    const deep = join(root, 'a', 'b')
    mkdirSync(deep, { recursive: true })
    writeFileSync(join(root, 'slipway.yaml'), SHORTEST)
    writeFileSync(join(deep, 'other.yaml'), SHORTEST.replace('digits', 'letters'))
    expect((await loadConfig(systemFiles, root)).model).toBe('digits')
    expect((await loadConfig(systemFiles, deep)).folder).toBe(root)
    expect(await loadConfig(systemFiles, root, 'a/b/other.yaml')).toMatchObject({ model: 'letters', folder: deep })
    expect(await findConfig(systemFiles, deep, root)).toBe(join(root, 'slipway.yaml'))
  })

  test('a folder of that name is passed by', async () => {
    const root = folder()
    mkdirSync(join(root, 'a', 'slipway.yaml'), { recursive: true })
    writeFileSync(join(root, 'slipway.yaml'), SHORTEST)
    expect((await loadConfig(systemFiles, join(root, 'a'))).folder).toBe(root)
  })

  test('none: says how to make one', async () => {
    const root = folder()
    await expect(loadConfig(systemFiles, root)).rejects.toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      next: ['slipway init'],
    })
    await expect(loadConfig(systemFiles, root, 'no.yaml')).rejects.toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: 'there is no no.yaml',
    })
  })

  test('places are told as paths from where one stands', async () => {
    const root = folder()
    mkdirSync(join(root, 'a'))
    writeFileSync(join(root, 'slipway.yaml'), `${SHORTEST}x: 1\n`)
    await expect(loadConfig(systemFiles, join(root, 'a'))).rejects.toMatchObject({
      where: [{ file: '../slipway.yaml', line: 4, column: 1, pointer: '/x' }],
    })
  })
})
