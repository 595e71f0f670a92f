/** Servers for an evaluation alone: an own short-lived supervisor with a folder and marks of its own, apart from every environment's. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ErrorCode, SlipwayError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import { findLimiter } from '../../io/limits.ts'
import { markPrefix } from '../../io/marks.ts'
import type { MarkedProcess, Processes, ProcessIdentity } from '../../io/processes-contract.ts'
import type { Store } from '../../io/store-contract.ts'
import type { EvalServers, VersionStatus } from '../contract.ts'
import { askServer } from './ask.ts'
import { nvidiaSmi } from './gpus.ts'
import { createSupervisor } from './supervisor/supervisor.ts'

interface EvalOptions {
  readonly stateFolder: string
  readonly projectFolder: string
  readonly store: Store
  readonly clock: Clock
  readonly processes: Processes
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Environment of these servers, in names of folders and marks. */
const ENVIRONMENT = 'eval'
const LOOK_MS = 100
const EXIT_SHOWS_MS = 2000
const STOP_GRACE_MS = 2000

export function openEvalServers(options: EvalOptions): EvalServers {
  const { processes, clock, store } = options
  const self = processes.identify(process.pid)
  const folder = join(evalFolder(options.stateFolder), String(process.pid))
  endEvalLeftovers(processes, options.stateFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, OWNER), JSON.stringify(self), { mode: 0o600 })
  const supervisor = createSupervisor({
    stateFolder: folder,
    projectFolder: options.projectFolder,
    versions: {
      async prepareVersion(digest, into) {
        const [laid, stored] = await Promise.all([store.materialise(digest, join(into, 'files')), store.read(digest)])
        const { serving } = stored.version
        return { modelsFolder: laid.models, appFolder: laid.app, modelPath: laid.model, serving }
      },
    },
    clock,
    processes,
    limiter: findLimiter(),
    gpus: nvidiaSmi(options.env.PATH),
    inFlight: () => null,
    hostEnvironment: options.env,
    onEvent: () => {},
  })
  const ticking = setInterval(() => supervisor.tick(), LOOK_MS)
  const statusOf = (digest: string): VersionStatus | undefined =>
    supervisor.status(ENVIRONMENT).find((status) => status.digest === digest)

  return {
    async start(order, signal) {
      const fit = await supervisor.fits(ENVIRONMENT, [order])
      if (!fit.fits)
        throw new SlipwayError('CAPACITY', `the version does not fit beside what runs: ${fit.lacks.join('; ')}`, {
          next: ['slipway local status'],
        })
      supervisor.serve(ENVIRONMENT, [order])
      for (;;) {
        const status = statusOf(order.digest)
        if (status?.addresses[0]) return status.addresses[0]
        if (status?.state === 'failed')
          throw new SlipwayError((status.code ?? 'NEVER_READY') as ErrorCode, status.why ?? 'it did not come up')
        if (signal.aborted) throw new SlipwayError('INTERRUPTED', 'interrupted')
        await clock.sleep(LOOK_MS, signal)
      }
    },
    ask: (address, request, answer, timeoutMs) => askServer(clock, address, request, answer, timeoutMs),
    async broke(digest, silent) {
      // A connection breaks before the kernel says that its process has ended.
      const until = clock.mono() + (silent ? EXIT_SHOWS_MS : 0)
      for (;;) {
        const status = statusOf(digest)
        if (status && status.unaskedExits > 0) return status.why ?? 'its server ended'
        if (clock.mono() >= until) return null
        await clock.sleep(LOOK_MS)
      }
    },
    async stop() {
      clearInterval(ticking)
      await supervisor.stopAll({ graceMs: STOP_GRACE_MS })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const OWNER = 'owner.json'
const evalFolder = (stateFolder: string): string => join(stateFolder, 'eval')

function ownerOf(folder: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as ProcessIdentity
  } catch {
    return null
  }
}

/** Folders of evaluations whose command has died, with the servers that it left. */
export function evalLeftovers(
  processes: Processes,
  stateFolder: string,
): { readonly folder: string; readonly processes: readonly MarkedProcess[] }[] {
  let names: string[]
  try {
    names = readdirSync(evalFolder(stateFolder))
  } catch {
    return []
  }
  return names.flatMap((name) => {
    const folder = join(evalFolder(stateFolder), name)
    const owner = ownerOf(folder)
    return owner !== null && processes.alive(owner) ? [] : [{ folder, processes: processes.marked(markPrefix(folder)) }]
  })
}

/** Ends what evaluations left behind; how many processes that were. */
export function endEvalLeftovers(processes: Processes, stateFolder: string): number {
  let ended = 0
  for (const left of evalLeftovers(processes, stateFolder)) {
    processes.signal(left.processes, 'SIGKILL')
    ended += left.processes.length
    rmSync(left.folder, { recursive: true, force: true })
  }
  return ended
}
