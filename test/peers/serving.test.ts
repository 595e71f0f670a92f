/** Servers as people have them: Python with a joblib model, Python with ONNX, a GGUF server; from `init` to a `swap`. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { jsonLines, type Scenario, scenario } from '../scenarios/harness.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const VENV = join(HERE, '..', '..', '.venv-peers', 'bin')
const fixture = (name: string) => join(HERE, 'fixtures', name)
const python = (...args: string[]) =>
  void execFileSync(join(VENV, 'python'), args, { stdio: ['ignore', 'ignore', 'inherit'] })

/** Laid under what `init` wrote: short steps, free ports. */
const rest = (p: Scenario, steps: string): string => `
evaluation:
  sets: {golden: {path: ./golden.jsonl, evaluator: exact-match}}
release:
  steps: ${steps}
  gates:
    - errors:  {margin: 2pp}
    - latency: {above: 2s, margin: 10pp}
    - quality: {set: golden, margin: 5pp}
  horizon: 3m
environments:
  dev: {platform: local, listen: "127.0.0.1:${p.listen}", control: "127.0.0.1:${p.control}"}
`
const CANARY = '[{canary: {weight: 50%, for: 3s}}, {full: {watch: 5s, keepWarm: 1s}}]'
const SWAP = '[{swap: {wait: 60s, watch: 3s}}]'

interface Kind {
  readonly name: string
  /** Model file in the project. */
  readonly model: string
  readonly command: readonly string[]
  make(file: string, seed: number, broken: boolean): void
  readonly lines: readonly {
    id: string
    request: { method: string; path: string; headers: Record<string, string>; body: unknown }
    expect: unknown
  }[]
}

const numbers = Array.from({ length: 120 }, (_, k) => {
  const x = [k % 2, (k * 7) % 10 > 4 ? 0.9 : 0.1, k % 2 ? 0.9 : 0.1, (k * 3) % 10 > 4 ? 0.8 : 0.2]
  const body = { x }
  return {
    id: `n-${k}`,
    request: { method: 'POST', path: '/predict', headers: {}, body },
    expect: x.reduce((a, b) => a + b, 0) > 2 ? 1 : 0,
  }
})
const chats = Array.from({ length: 120 }, (_, k) => ({
  id: `c-${k}`,
  request: {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: {},
    body: { messages: [{ role: 'user', content: `2 + 2, ${k}` }], stream: k % 2 === 0 },
  },
  expect: 'four',
}))
const served =
  (kind: string): Kind['make'] =>
  (file, seed, broken) =>
    python(fixture('make_served.py'), kind, file, String(seed), ...(broken ? ['broken'] : []))

const KINDS: readonly Kind[] = [
  {
    name: 'joblib',
    model: 'model.joblib',
    command: ['python', 'app.py', '--port', '5000', '--model', './model.joblib'],
    make: served('joblib'),
    lines: numbers,
  },
  {
    name: 'onnx',
    model: 'model.onnx',
    command: ['python', 'app.py', '--port', '5000', '--model', './model.onnx'],
    make: served('onnx'),
    lines: numbers,
  },
  {
    name: 'gguf',
    model: 'model.gguf',
    command: [],
    make: (file, seed, broken) => python(fixture('make_gguf.py'), file, broken ? 'wrong' : `tiny-${seed}`),
    lines: chats,
  },
]

let bin: string
beforeAll(() => {
  expect(existsSync(join(VENV, 'python')), 'npm run test:peers installs .venv-peers').toBe(true)
})

async function project(kind: Kind): Promise<Scenario> {
  const p = await scenario({
    name: kind.name,
    env: { PATH: [VENV, dirname(process.execPath), process.env.PATH].join(delimiter) },
  })
  for (const name of ['server.mjs', 'slipway.yaml', 'golden.jsonl', 'model'])
    rmSync(join(p.folder, name), { recursive: true, force: true })
  cpSync(fixture('app.py'), join(p.folder, 'app.py'))
  kind.make(join(p.folder, kind.model), 1, false)
  p.write('golden.jsonl', jsonLines([...kind.lines]))
  if (kind.name === 'gguf') {
    bin = join(p.folder, 'bin')
    mkdirSync(bin)
    symlinkSync(fixture('llama-server.mjs'), join(bin, 'llama-server'))
    p.write(
      'slipway.yaml',
      'apiVersion: slipway.dev/v1\nmodel: assistant\nartifact: {path: ./model.gguf}\nserving: {template: llamacpp, drain: 1s}\n',
    )
  } else {
    const init = await p.run([
      'init',
      '--model',
      kind.name,
      '--try',
      JSON.stringify(kind.lines[0]),
      '--',
      ...kind.command,
    ])
    expect(init.code, init.stderr).toBe(0)
  }
  return p
}

const head = (p: Scenario): string =>
  readFileSync(join(p.folder, 'slipway.yaml'), 'utf8').split(/^(?:evaluation|release|environments):/m)[0]!

describe.each(KINDS)('a server with $name', (kind) => {
  it('is released, canaried, caught and swapped', { timeout: 280_000 }, async () => {
    const p = await project(kind)
    const env =
      kind.name === 'gguf' ? { PATH: [bin, VENV, dirname(process.execPath), process.env.PATH].join(delimiter) } : {}
    const start = async (...args: string[]) => p.run(['release', 'start', ...args], { env, timeoutMs: 120_000 })
    let yaml = head(p)
    p.write('slipway.yaml', yaml + rest(p, CANARY))
    expect((await p.run(['validate'], { env })).code).toBe(0)
    if (kind.name === 'joblib') {
      const refused = await p.fails(['release', 'start'], { env })
      expect(refused).toMatchObject({ exit: 10, code: 'FILE_REFUSED' })
      const line = /allow: \[\{.*\}\]/.exec(`${refused.message}\n${refused.next.join('\n')}`)?.[0]
      expect(line, 'the refusal shows the line to paste').toBeDefined()
      yaml = /^artifact:\s*\{/m.test(yaml)
        ? yaml.replace(/^artifact:\s*\{/m, `artifact: {${line}, `)
        : yaml.replace(/^artifact:\n/m, `artifact:\n  ${line}\n`)
      p.write('slipway.yaml', yaml + rest(p, CANARY))
    }
    const first = await start()
    expect(first.code, first.stderr).toBe(0)

    const signal = new AbortController()
    // Requests wait while a model loads in the swap: they are many by then.
    const load = p.load({ rate: 60, durationMs: 600_000, concurrency: 4000, lines: kind.lines, signal: signal.signal })
    try {
      await new Promise((resolve) => setTimeout(resolve, 6000))
      kind.make(join(p.folder, kind.model), 2, false)
      const second = await start()
      expect(second.code, second.stderr).toBe(0)
      expect(second.stderr).toContain('canary 50 %')

      kind.make(join(p.folder, kind.model), 3, true)
      const third = await start()
      expect(third.code, third.stderr).toBe(3)
      expect(third.stdout).toMatch(/golden|quality/)

      p.write('slipway.yaml', yaml + rest(p, SWAP))
      kind.make(join(p.folder, kind.model), 4, false)
      const fourth = await start()
      expect(fourth.code, fourth.stderr).toBe(0)
    } finally {
      signal.abort()
    }
    const { failed, failures } = await load
    expect(failures).toEqual({})
    expect(failed).toBe(0)
    const explained = await p.run(['release', 'explain'], { env })
    expect(explained.code, explained.stderr).toBe(0)
    expect(explained.stdout).toContain('quality')
  })
})
