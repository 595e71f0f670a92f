/** Whether one process is ready, asked again and again; and whether it is really the one that answers. */
import type { Listener, ProcessIdentity } from '../../../io/processes-contract.ts'
import type { Context } from './context.ts'
import { HOST } from './environment.ts'
import { elsewhere, isMetrics, listensOn } from './ports.ts'
import { probe } from './probe.ts'
import { describeHolder } from './sentences.ts'

const LOOK_MS = 1000
/** A server that is up in a moment should not wait a second to be seen. */
const EAGER_MS = 10_000
/** So often in a row it must answer elsewhere: many servers open other ports on their way up. */
const WRONG_LOOKS = 3
/** Every so many looks, what left the tree is searched for too. */
const WHOLE_LOOK = 5

export type Outcome =
  | { readonly kind: 'ready' | 'miss' }
  | { readonly kind: 'wrong-port'; readonly elsewhere: readonly string[] }
  | { readonly kind: 'collision'; readonly holder: string }

export interface Watched {
  readonly process: ProcessIdentity
  readonly mark: string
  readonly port: number
  readonly path: string | null
  /** Monotonic, ms. */
  readonly startedAt: number
}

// They carry a server's port into a container; they are not below the command that was started.
const FORWARDER = /^(docker|com\.docker|rootless|slirp4netns|conmon|passt|pasta|vpnkit|gvproxy|limactl|OrbStack)/

export class Readiness {
  readonly #context: Context
  readonly #of: Watched
  readonly #tell: (outcome: Outcome) => void
  #askedAt = Number.NEGATIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY
  #asking = false
  #closed = false
  #looks = 0
  #wrongLooks = 0
  /** Where it was last seen listening instead of on its port. */
  elsewhere: readonly string[] = []

  constructor(context: Context, of: Watched, tell: (outcome: Outcome) => void) {
    this.#context = context
    this.#of = of
    this.#tell = tell
  }

  /** After this no outcome is told any more. */
  close(): void {
    this.#closed = true
  }

  /** Asks, where it is time to. `serving`: it has been ready before. */
  tick(serving: boolean): void {
    const now = this.#context.options.clock.mono()
    const pause = !serving && now - this.#of.startedAt < EAGER_MS ? 0 : LOOK_MS
    if (this.#asking || this.#closed || now - this.#askedAt < pause) return
    this.#asking = true
    this.#askedAt = now
    this.#context.background(this.#ask(serving))
  }

  async #ask(serving: boolean): Promise<void> {
    const answer = await probe(this.#of.port, this.#of.path)
    let outcome: Outcome = { kind: answer.kind === 'ready' ? 'ready' : 'miss' }
    if (outcome.kind === 'ready' && !serving) outcome = this.#whoAnswers()
    else if (outcome.kind === 'miss' && !serving) outcome = await this.#lookElsewhere()
    this.#asking = false
    if (!this.#closed) this.#tell(outcome)
  }

  /** `whole`: also of those that left the tree; finding them costs a look at every process. */
  #listeners(whole: boolean): readonly Listener[] {
    const { processes } = this.#context.options
    const members = whole ? processes.family(this.#of.process, this.#of.mark) : processes.descendants(this.#of.process)
    return processes.listeners(members.map((member) => member.pid))
  }

  /** Somebody else may have taken the port between its choice and the server's start. */
  #whoAnswers(): Outcome {
    const { processes } = this.#context.options
    const { port } = this.#of
    if (listensOn(this.#listeners(false), port) || listensOn(this.#listeners(true), port)) return { kind: 'ready' }
    const holder = processes.holder(port)
    if (holder === null) return { kind: 'miss' }
    if (holder.pid === null) return { kind: 'ready' }
    const name = processes.nameOf(holder.pid)
    if (name !== null && FORWARDER.test(name)) return { kind: 'ready' }
    return { kind: 'collision', holder: describeHolder(port, holder, name) }
  }

  async #lookElsewhere(): Promise<Outcome> {
    const now = this.#context.options.clock.mono()
    if (now - this.#lookedAt < LOOK_MS) return { kind: 'miss' }
    this.#lookedAt = now
    const near = this.#listeners(false)
    const listeners = near.length === 0 && this.#looks++ % WHOLE_LOOK === 0 ? this.#listeners(true) : near
    this.elsewhere = elsewhere(listeners, this.#of.port)
    let answers = false
    if (this.elsewhere.length > 0)
      for (const listener of listeners.slice(0, 8)) answers ||= await this.#answers(listener)
    this.#wrongLooks = answers ? this.#wrongLooks + 1 : 0
    return this.#wrongLooks < WRONG_LOOKS ? { kind: 'miss' } : { kind: 'wrong-port', elsewhere: this.elsewhere }
  }

  /** What would make it ready, had it come from its own port. */
  async #answers({ address, port }: Listener): Promise<boolean> {
    const host = address === '0.0.0.0' || address === '::' ? HOST : address
    const answer = await probe(port, this.#of.path ?? '/', host)
    if (answer.kind === 'silent' || isMetrics(answer.contentType)) return false
    return this.#of.path === null || answer.kind === 'ready'
  }
}
