/** The loop of a host: a turn every 250 ms, or at once when woken. */
import { SlipwayError } from '../../../errors.ts'
import type { Clock } from '../../../io/clock.ts'
import type { Journal } from '../../../io/journal.ts'
import type { Processes, ProcessIdentity } from '../../../io/processes-contract.ts'
import { visible } from '../../../kit/text.ts'
import type { EnvironmentState, ProjectState } from '../../../record/fold.ts'
import type { ServeOrder } from '../../contract.ts'
import type { Lock } from '../lock.ts'
import type { LocalPlatform } from '../platform.ts'
import { LOG_BYTES } from '../supervisor/logs.ts'
import type { Supervisor, SupervisorEvent } from '../supervisor/types.ts'
import { failureText } from './failure-text.ts'
import { boundOwnLogs } from './own-logs.ts'

/** Evidence is looked at so often. */
const LOOK_MS = 250
/** Where no release runs and nobody asks for anything, a look a second is enough; what happens wakes the host. */
const REST_MS = 1000
/** A host without anything to do lives so long. */
const IDLE_MS = 3000
/** A failure that goes on is told so often. */
const TELL_MS = 10_000
/** Logs are looked at so often. */
const LOGS_MS = 60_000
/** The lock's folder is checked so often. */
const LOCK_MS = 5000

/** The part of a runner that the loop needs. */
export interface Turns {
  readonly state: ProjectState
  /** Why releases could not be taken over. */
  begin(): readonly Error[]
  turn(): Promise<void>
}
export interface Driven {
  readonly runner: Turns
  readonly platform: LocalPlatform
  readonly supervisor: Supervisor
  readonly journal: Journal
  readonly lock: Lock
  readonly processes: Processes
}
export interface DriverOptions {
  readonly clock: Clock
  /** Folder of logs. */
  readonly logs: string
  say(text: string): void
  /** Tells people outside of a crash; never throws. */
  notify(environment: string, release: string): void
}
const planeKey = (environment: string): string => `data-plane:${environment}`

const moving = (state: ProjectState): boolean =>
  state.pending.length > 0 || Object.values(state.environments).some((environment) => environment.active !== null)

export class Driver {
  readonly #clock: Clock
  readonly #logs: string
  readonly #say: (text: string) => void
  readonly #notify: DriverOptions['notify']
  #awake = new AbortController()
  #over = false
  #parts: Driven | null = null
  #planes = new Map<string, string>()
  /** Environments with a data plane of an earlier host that nobody has looked after yet. */
  #left = new Set<string>()
  /** What failed: when it was told, and how often it failed since. */
  readonly #told = new Map<string, { readonly at: number; readonly more: number }>()
  /** Environments that go down now. */
  readonly #downs = new Map<string, Promise<void>>()

  constructor({ clock, logs, say, notify }: DriverOptions) {
    this.#clock = clock
    this.#logs = logs
    this.#say = say
    this.#notify = notify
  }

  wake(): void {
    this.#awake.abort()
  }

  /** Ends after the present turn and leaves everything running for the next host. */
  handOver(): void {
    this.#over = true
    this.wake()
  }

  answer(method: string, params: unknown, hello: { version: string; pid: number; epoch: number }): unknown {
    switch (method) {
      case 'hello':
        return hello
      case 'wake':
        this.wake()
        return null
      case 'hand-over':
        this.handOver()
        return null
      case 'fits': {
        const { environment, orders } = params as { environment: string; orders: ServeOrder[] }
        return this.#parts?.supervisor.fits(environment, orders)
      }
      case 'room':
        return this.#parts?.supervisor.capacity()
      case 'servers':
        return this.#servers()
      default:
        throw new SlipwayError('BUG', `the host knows no method ${JSON.stringify(method)}`)
    }
  }

  #servers() {
    const parts = this.#parts
    if (!parts) return null
    return {
      limits: parts.supervisor.limitsKind(),
      environments: Object.fromEntries(
        Object.entries(parts.runner.state.environments).map(([name, { settings }]) => [
          name,
          {
            versions: parts.supervisor.status(name),
            failure: parts.platform.failureOf(name),
            listening: settings !== null && parts.platform.listening(name, settings),
            running: this.#running(name, parts),
          },
        ]),
      ),
    }
  }

  /** A server started, crashed or was ended: the log has it, and a running release's journal what went wrong. */
  serverEvent(event: SupervisorEvent): void {
    this.#say(
      `${event.environment} ${event.digest.slice(7, 19)} ${event.kind}${event.why ? `: ${visible(event.why)}` : ''}`,
    )
    const state = this.#parts?.runner.state
    const active = state?.environments[event.environment]?.active
    if (active && (event.kind === 'exited' || event.kind === 'failed' || event.kind === 'unready')) {
      const text = `server of ${event.digest.slice(7, 19)} ${event.kind}${event.why ? `: ${event.why}` : ''}`
      this.#note(event.environment, active, 'server', text)
      const release = state.environments[event.environment]?.releases.find((r) => r.name === active)
      if (event.kind === 'exited' && release?.candidate === event.digest) this.#notify(event.environment, active)
    }
    this.wake()
  }

  dataPlaneLost(environment: string): void {
    this.#say(`${environment} data plane went away`)
    const active = this.#parts?.runner.state.environments[environment]?.active
    if (active && !this.#over)
      this.#note(environment, active, 'data-plane', 'the data plane went away and is started again')
    this.wake()
  }

  #note(environment: string, release: string, what: string, text: string): void {
    const row = { at: this.#clock.now(), kind: 'note', environment, release, data: { what, text } }
    // It happened all the same, and what it tells of goes on.
    this.#guard('note', () => this.#parts?.journal.append([row], null))
  }

  async run(parts: Driven): Promise<void> {
    this.#parts = parts
    const { runner, supervisor, lock } = parts
    for (const error of runner.begin()) this.#failed('begin', error)
    this.#left = new Set(parts.journal.snapshotKeys(planeKey('')).map((key) => key.slice(planeKey('').length)))
    let idleSince = this.#clock.mono()
    let lockAt = idleSince
    let logsAt = Number.NEGATIVE_INFINITY
    while (!this.#over) {
      const began = this.#clock.mono()
      this.#awake = new AbortController()
      this.#guard('servers', () => supervisor.tick())
      this.#environments(runner.state, parts)
      await runner.turn().catch((error: Error) => this.#failed('turn', error))
      if (this.#busy(runner.state, parts)) idleSince = this.#clock.mono()
      else if (this.#clock.mono() - idleSince > IDLE_MS) break
      if (began - lockAt > LOCK_MS) {
        lockAt = began
        if (!lock.held()) throw new SlipwayError('HOST_ELSEWHERE', 'the lock of this host is gone')
      }
      if (began - logsAt > LOGS_MS) {
        logsAt = began
        this.#guard('logs', () => boundOwnLogs(this.#logs, LOG_BYTES))
      }
      const left = (moving(runner.state) ? LOOK_MS : REST_MS) - (this.#clock.mono() - began)
      if (left > 0 && !this.#awake.signal.aborted) await this.#clock.sleep(left, this.#awake.signal)
    }
  }

  #guard(what: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#failed(what, error as Error)
    }
  }

  /** What fails again and again is told once in a while. Another host that drives ends this one. */
  #failed(what: string, error: Error): void {
    if (error instanceof SlipwayError && error.code === 'HOST_ELSEWHERE') throw error
    const { at, more } = this.#told.get(what) ?? { at: Number.NEGATIVE_INFINITY, more: 0 }
    const now = this.#clock.mono()
    if (now - at < TELL_MS) return void this.#told.set(what, { at, more: more + 1 })
    this.#told.set(what, { at: now, more: 0 })
    const again = more > 0 ? ` (and ${more} times since it was last told)` : ''
    this.#say(`${what}${again}: ${failureText(error)}`)
  }

  #busy(state: ProjectState, { supervisor }: Driven): boolean {
    const up = Object.values(state.environments).some((e) => e.up)
    const wanted = () => supervisor.records().versions.some((v) => v.wanted)
    return up || this.#downs.size > 0 || state.pending.length > 0 || wanted()
  }

  /** It is up, or something of it is left. */
  #running(name: string, { runner, supervisor }: Driven): boolean {
    const left = this.#planes.has(name) || this.#downs.has(name) || this.#left.has(name)
    const up = runner.state.environments[name]?.up === true
    return up || left || supervisor.status(name).some((v) => v.state !== 'stopped')
  }

  /** Data planes of what is up; what is down is ended, beside the turns. */
  #environments(state: ProjectState, parts: Driven): void {
    for (const [name, environment] of Object.entries(state.environments)) {
      if (this.#downs.has(name)) continue
      this.#guard(name, () => {
        if (environment.up) this.#up(name, environment, parts)
        else if (this.#running(name, parts)) this.#down(name, parts)
      })
    }
  }

  #up(name: string, { settings }: EnvironmentState, { platform, journal }: Driven): void {
    if (!settings) return
    if (!this.#planes.has(name)) {
      this.#left.delete(name)
      const known = journal.snapshot(planeKey(name)) as ProcessIdentity | undefined
      this.#planes.set(name, JSON.stringify(known ?? null))
      platform.configure(name, settings, known ?? null)
    } else platform.configure(name, settings, null)
    const now = platform.processOf(name)
    const text = JSON.stringify(now)
    if (now && text !== this.#planes.get(name)) {
      this.#planes.set(name, text)
      journal.append([], null, { [planeKey(name)]: now })
    }
  }

  #down(name: string, { platform, journal }: Driven): void {
    this.#say(`${name} goes down`)
    this.#left.delete(name)
    const known = journal.snapshot(planeKey(name)) as ProcessIdentity | undefined
    const ended = platform.down(name, known ?? null).then(() => {
      this.#planes.delete(name)
      journal.append([], null, { [planeKey(name)]: undefined })
    })
    const done = ended
      .catch((error: Error) => this.#failed(`${name} does not go down`, error))
      .then(() => {
        this.#downs.delete(name)
        this.wake()
      })
    this.#downs.set(name, done)
  }
}
