/** `init -- COMMAND`: real servers, started once, looked at, and gone afterwards. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { init } from '../../src/flows/init.ts'
import type { InitOrder } from '../../src/flows/init-order.ts'
import { systemClock } from '../../src/io/clock.ts'
import { systemFiles } from '../../src/io/files.ts'
import { systemTrial } from '../../src/io/trial.ts'
import { folderWith, KNOWN, order, serverText, survivors, tools } from './init-tools.ts'

const MODEL = { 'model/w.safetensors': 'x' }
const REQUEST = '{"path": "/predict?x=1", "body": {"pixels": [0]}, "expect": 7}'

async function tried(folder: string, command: readonly string[], more: Partial<InitOrder> = {}) {
  const { result } = await init(tools(), order(folder, { command, ...more }))
  return { result, config: await loadConfig(systemFiles, folder) }
}
describe('what a server shows', () => {
  test('port, model, ready path and answer pointer', async () => {
    const folder = folderWith({ ...MODEL, 'server.mjs': serverText() })
    const port = String(await systemTrial.freePort())
    const { result, config } = await tried(folder, ['node', 'server.mjs', '--port', port, '--model', './model'], {
      request: REQUEST,
    })
    expect(config.serving).toMatchObject({
      command: ['node', 'server.mjs', '--port', '{port}', '--model', '{model}'],
      port: null,
      ready: { path: '/health' },
      requests: ['POST /predict'],
      answer: '/label',
    })
    expect(config.artifact.path).toBe('./model')
    expect(result).toMatchObject({
      found: { port: '{port}', model: './model', ready: '/health', answer: '/label' },
      notes: [],
    })
    expect(JSON.stringify(result)).not.toContain('server.mjs')
    expect(survivors(folder)).toEqual([])
  })

  test('a port of its own: only a swap will do', async () => {
    const port = await systemTrial.freePort()
    const folder = folderWith({ ...MODEL, 'server.mjs': serverText({ listen: String(port), health: '/nothing' }) })
    const { result, config } = await tried(folder, ['node', 'server.mjs'])
    expect(config.serving).toMatchObject({ port, ready: { path: null }, command: ['node', 'server.mjs'] })
    expect(result.notes).toEqual([
      `the server cannot be told its port (${port}), so versions can only swap`,
      expect.stringContaining('MODEL_DIR'),
      expect.stringContaining('no ready path answered'),
    ])
  })

  test('a port from the environment', async () => {
    const folder = folderWith({
      ...MODEL,
      'server.mjs': serverText({ listen: 'process.env.PORT', health: '/healthz' }),
    })
    const { result, config } = await tried(folder, ['node', 'server.mjs', './model'])
    expect(result.found).toMatchObject({ port: 'PORT', ready: '/healthz', model: './model' })
    expect(config.serving).toMatchObject({ port: null, command: ['node', 'server.mjs', '{model}'] })
  })

  test('placeholders that are typed already', async () => {
    const folder = folderWith({
      ...MODEL,
      'server.mjs': serverText({ before: "import { statSync } from 'node:fs'; statSync(process.argv.at(-1))" }),
    })
    const { config } = await tried(folder, ['node', 'server.mjs', '--port', '{port}', '{model}'])
    expect(config.serving.command).toEqual(['node', 'server.mjs', '--port', '{port}', '{model}'])
    expect(config.artifact.path).toBe('./model')
  })

  test('a server that loads is waited for', async () => {
    const folder = folderWith({ ...MODEL, 'server.mjs': serverText({ load: 900 }) })
    const { result } = await tried(folder, ['node', 'server.mjs', '--port', '{port}'], { request: REQUEST })
    expect(result.found).toMatchObject({ ready: '/health', answer: '/label' })
  })

  test('a model outside the folder', async () => {
    const other = folderWith({ 'weights/w.onnx': 'x' })
    const folder = folderWith({ 'server.mjs': serverText() })
    const model = join(other, 'weights', 'w.onnx')
    const { config } = await tried(folder, ['node', 'server.mjs', '--port', '{port}', `--model=${model}`])
    expect(config.artifact.path).toBe(model)
    expect(config.serving.command.at(-1)).toBe('--model={model}')
  })
})

describe('the trial request', () => {
  test('is the first line of a set, too', async () => {
    const set = '{"id":"a","request":{"path":"/predict","body":{"x":1}},"expect":{"x":1}}\n{"id":"b"}\n'
    const folder = folderWith({ ...MODEL, 'server.mjs': serverText(), 'golden.jsonl': set })
    const { result } = await tried(folder, ['node', 'server.mjs', '--port', '{port}'], { request: 'golden.jsonl' })
    expect(result.found?.answer).toBe('/asked')
  })

  test.each([
    [
      '{"path": "/predict", "body": 1, "expect": "no such"}',
      'no answer pointer: the answer to POST /predict does not hold what was expected',
    ],
    ['{"path": "/nowhere"}', 'no answer pointer: POST /nowhere was answered with 404'],
    ['{"method": "GET", "path": "/health"}', 'no answer pointer: the answer to GET /health is not JSON'],
  ])('%s: says why there is no pointer', async (request, note) => {
    const folder = folderWith({ ...MODEL, 'server.mjs': serverText() })
    const { result, config } = await tried(folder, ['node', 'server.mjs', '--port', '{port}', '{model}'], { request })
    expect(result.notes).toEqual([note])
    expect(config.serving.answer).toBeNull()
  })

  test('that is none is refused before anything is started', async () => {
    const folder = folderWith({})
    for (const request of ['{"method": "POST"}', '{', '{"path": "no slash"}'])
      await expect(tried(folder, ['node', 'x.mjs'], { request })).rejects.toMatchObject({ code: 'USAGE' })
    await expect(tried(folder, [], { request: REQUEST })).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('what goes wrong', () => {
  test('a program that is not there', async () => {
    await expect(tried(folderWith({}), ['no-such-program'])).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' })
  })

  test('a command that ends: its words are told', async () => {
    const folder = folderWith({ 'x.mjs': 'console.error("Error: no weights here"); process.exit(3)' })
    await expect(tried(folder, ['node', 'x.mjs'])).rejects.toMatchObject({
      code: 'CRASHED',
      exit: 11,
      message: 'the command ended with code 3 before it was ready; it wrote: Error: no weights here',
    })
  })

  test('a file that is there is told before the server is started', async () => {
    const folder = folderWith({ 'slipway.yaml': 'mine', 'x.mjs': 'require("fs").writeFileSync("started", "")' })
    await expect(tried(folder, ['node', 'x.mjs'])).rejects.toMatchObject({ code: 'NOT_EMPTY' })
  })

  test('a command that never listens is told of while it is waited for, and ended', async () => {
    const folder = folderWith({ 'x.mjs': `${KNOWN}setInterval(() => {}, 1000)` })
    const said: string[] = []
    let looks = 0
    // Each look at this clock is five seconds later.
    const clock = { ...systemClock, mono: () => 5000 * looks++, sleep: () => systemClock.sleep(5) }
    const slow = tools(undefined, { clock, say: (line) => said.push(line) })
    await expect(init(slow, order(folder, { command: ['node', 'x.mjs'] }))).rejects.toMatchObject({
      code: 'NEVER_READY',
      message: expect.stringContaining('listened on no port within 120 s'),
    })
    expect(said[0]).toBe('starting the command once, to see its port and when it is ready')
    expect(said[1]).toMatch(/^it listens on no port yet, \d+ s of 120 s$/)
    expect(said.length).toBeGreaterThan(5)
    expect(survivors(folder) ?? []).toEqual([])
  })

  test('an interruption stops the server and writes nothing', async () => {
    const folder = folderWith({ 'x.mjs': `${KNOWN}setInterval(() => {}, 1000)` })
    const abort = new AbortController()
    const attempt = init(tools(abort.signal), order(folder, { command: ['node', 'x.mjs'] }))
    const outcome = expect(attempt).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 })
    await expect.poll(() => survivors(folder), { timeout: 20_000 }).toHaveLength(1)
    abort.abort()
    await outcome
    expect(survivors(folder)).toEqual([])
    await expect(loadConfig(systemFiles, folder)).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' })
  })
})

test('the whole tree of processes is gone, also what leaves the group and what ignores SIGTERM', async () => {
  const child = `${KNOWN}process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
  // It listens once the other one is there: both must be found, not only the one that was started.
  const before = `spawn(process.execPath, ['child.mjs'], { detached: true, stdio: 'ignore' }).unref()
while (readFileSync('pids', 'utf8').trim().split(' ').length < 2) await new Promise((go) => setTimeout(go, 20))`
  const folder = folderWith({ ...MODEL, 'server.mjs': serverText({ before }), 'child.mjs': child })
  await tried(folder, ['node', 'server.mjs', '--port', '{port}', '{model}'])
  expect(survivors(folder)).toEqual([])
  expect(readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ')).toHaveLength(2)
  expect(readFileSync(join(folder, 'slipway.yaml'), 'utf8')).toContain('{port}')
})
