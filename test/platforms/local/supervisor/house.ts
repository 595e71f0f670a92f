/** A supervisor with real processes in a folder of its own, and the small servers that its tests run. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../../src/io/clock.ts'
import { pollingLimiter } from '../../../../src/io/limits.ts'
import { systemProcesses } from '../../../../src/io/processes.ts'
import type { ProcessIdentity } from '../../../../src/io/processes-contract.ts'
import type { Digest, ServingSpec } from '../../../../src/model/types.ts'
import type { ServeOrder, VersionStatus } from '../../../../src/platforms/contract.ts'
import { createSupervisor } from '../../../../src/platforms/local/supervisor/supervisor.ts'
import type {
  Supervisor,
  SupervisorEvent,
  SupervisorOptions,
} from '../../../../src/platforms/local/supervisor/types.ts'

export const digestOf = (digit: string): Digest => `sha256:${digit.repeat(64)}`
export const processes = systemProcesses()

/** A clock that can be turned forward beside the real time that passes. */
export function turnableClock(): Clock & { forward(ms: number): void } {
  let turned = 0
  return {
    now: () => systemClock.now() + turned,
    mono: () => systemClock.mono() + turned,
    sleep: systemClock.sleep,
    forward(ms) {
      turned += ms
    },
  }
}

const LISTEN = 'server.listen(Number(process.argv[2] ?? process.env.PORT), "127.0.0.1")'
const PRELUDE = 'const http = require("node:http"), fs = require("node:fs"), cp = require("node:child_process");'

/** Bodies of app.js, by what they do. `{port}` is its first argument, `{model}` its second. */
export const SERVERS = {
  good: `const server = http.createServer((q, s) => s.end(JSON.stringify({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), model: fs.readFileSync(process.argv[3], "utf8") }))); ${LISTEN}`,
  /** 503 until the file `ready` lies in its HOME. */
  loading: `const server = http.createServer((q, s) => { s.statusCode = fs.existsSync(process.env.HOME + "/ready") ? 200 : 503; s.end() }); ${LISTEN}`,
  exits: 'console.log("cannot load: secret is", process.env.TOKEN); process.exit(3)',
  /** Listens on a port of its own choice and tells it in its HOME. */
  elsewhere:
    'const server = http.createServer((q, s) => s.end("ok")); server.listen(0, "127.0.0.1", () => fs.writeFileSync(process.env.HOME + "/port", String(server.address().port)))',
  /** Leaves its process group and parent; the one that stays ends soon after. */
  escapes: `const server = http.createServer((q, s) => s.end("ok")); ${LISTEN}; cp.spawn("setsid", [process.execPath, "-e", "setInterval(() => {}, 1e6)"], { detached: true, stdio: "ignore" }).unref()`,
  /** Goes on after SIGTERM. */
  stubborn: `process.on("SIGTERM", () => console.log("not yet")); const server = http.createServer((q, s) => s.end("ok")); ${LISTEN}`,
  chatty: `const server = http.createServer((q, s) => { for (let k = 0; k < 2000; k++) console.log("line " + k + " ".repeat(80)); s.end("ok") }); ${LISTEN}`,
  /** Takes 200 MiB when asked. */
  hungry: `const held = []; const server = http.createServer((q, s) => { if (q.url === "/eat") for (let k = 0; k < 20; k++) held.push(Buffer.alloc(10 * 2 ** 20, 1)); s.end("ok") }); ${LISTEN}`,
  metrics:
    'http.createServer((q, s) => { s.setHeader("content-type", "text/plain; version=0.0.4"); s.end("up 1") }).listen(0, "127.0.0.1")',
} as const

export interface House extends AsyncDisposable {
  readonly folder: string
  readonly state: string
  readonly clock: ReturnType<typeof turnableClock>
  readonly events: SupervisorEvent[]
  supervisor: Supervisor
  /** A further supervisor over the same folder, as the next host makes one. */
  again(): Supervisor
  /** Puts a version into the store. */
  version(digit: string, app: string, serving?: Partial<ServingSpec>): Digest
  order(digest: Digest, run?: Partial<ServeOrder['run']>, more?: Partial<ServeOrder>): ServeOrder
  /** Ticks until the condition holds. */
  until(what: string, condition: () => unknown, limitMs?: number): Promise<void>
  status(digest: Digest, environment?: string): VersionStatus | undefined
  marked(): readonly ProcessIdentity[]
}

/** `name`: the beginning of a new folder's name, or the path of the folder of a house that was left. */
export function openHouse(options: Partial<SupervisorOptions> = {}, name = 'house '): House {
  const folder = name.startsWith('/') ? name : mkdtempSync(join(realpathSync(tmpdir()), name))
  const state = join(folder, '.slipway')
  mkdirSync(state, { recursive: true })
  const clock = turnableClock()
  const events: SupervisorEvent[] = []
  const specs = new Map<string, ServingSpec>()
  const make = () =>
    createSupervisor({
      stateFolder: state,
      projectFolder: folder,
      versions: {
        async prepareVersion(digest) {
          const root = join(folder, 'store', digest.slice(7, 15))
          const serving = specs.get(digest)!
          return {
            modelsFolder: join(root, 'models'),
            appFolder: join(root, 'app'),
            modelPath: join(root, 'models', 'model.txt'),
            serving,
          }
        },
      },
      clock,
      processes,
      limiter: pollingLimiter,
      gpus: { cards: async () => [] },
      inFlight: () => 0,
      onEvent: (event) => events.push(event),
      hostEnvironment: process.env,
      ...options,
    })
  const house: House = {
    folder,
    state,
    clock,
    events,
    supervisor: make(),
    again: () => {
      house.supervisor = make()
      return house.supervisor
    },
    version(digit, app, serving = {}) {
      const root = join(folder, 'store', digit.repeat(8))
      mkdirSync(join(root, 'models'), { recursive: true })
      mkdirSync(join(root, 'app'), { recursive: true })
      writeFileSync(join(root, 'models', 'model.txt'), `model ${digit}`)
      writeFileSync(join(root, 'app', 'app.js'), PRELUDE + app)
      specs.set(digestOf(digit), {
        command: ['node', 'app.js', '{port}', '{model}'],
        template: 'custom',
        params: {},
        env: {},
        prepare: [],
        readyPath: '/health',
        requests: [],
        answer: null,
        ...serving,
      })
      return digestOf(digit)
    },
    order: (digest, run = {}, more = {}) => ({
      digest,
      run: {
        replicas: 1,
        memoryBytes: null,
        cpu: null,
        gpu: null,
        readyTimeoutMs: 60_000,
        drainMs: 60_000,
        port: null,
        ...run,
      },
      shell: { path: `${join(process.execPath, '..')}:/usr/bin:/bin`, command0: null },
      envFile: null,
      ...more,
    }),
    async until(what, condition, limitMs = 20_000) {
      for (const end = systemClock.mono() + limitMs; ; ) {
        house.supervisor.tick()
        if (condition()) return
        if (systemClock.mono() > end)
          throw new Error(
            `never happened: ${what}; ${JSON.stringify(house.supervisor.records(), null, 1)} ${JSON.stringify(events)}`,
          )
        await systemClock.sleep(20)
      }
    },
    status: (digest, environment = 'dev') =>
      house.supervisor.status(environment).find((status) => status.digest === digest),
    marked: () => house.supervisor.sweep(),
    async [Symbol.asyncDispose]() {
      await house.supervisor.stopAll({ graceMs: 0 })
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return house
}

/** Asks a server; its status and body. */
export function ask(address: string, path = '/'): Promise<{ status: number; body: string }> {
  return new Promise((settle, reject) => {
    get(`${address}${path}`, { agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        body += part
      })
      answer.on('end', () => settle({ status: answer.statusCode ?? 0, body }))
    }).on('error', reject)
  })
}

export const readLog = (house: House, digest: Digest): string =>
  readFileSync(house.supervisor.records().versions.find((v) => v.digest === digest)!.replicas[0]!.log, 'utf8')
