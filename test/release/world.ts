/** A small world that follows the engine's orders as a platform does: servers take looks to start and to stop, the data plane acts a look later. */
import type { Evidence } from '../../src/evidence/types.ts'
import type { ReleasePlan } from '../../src/plan/types.ts'
import { formerOf } from '../../src/release/shape.ts'
import type { Effect, LookEvent, SplitEffect, VersionSeen } from '../../src/release/types.ts'

interface Server {
  wanted: boolean
  /** Looks until it is ready, or gone. */
  countdown: number
  running: boolean
  ready: boolean
  exits: number
  failed: VersionSeen['failed']
}
const server = (running: boolean): Server => ({
  wanted: running,
  countdown: 0,
  running,
  ready: running,
  exits: 0,
  failed: null,
})

export interface Rates {
  /** Bad answers of 100, per gate: baseline's and candidate's. */
  readonly [gate: string]: readonly [number, number]
}

export class World {
  readonly plan: ReleasePlan
  at = 1_000_000
  readonly candidate = server(false)
  readonly baseline: Server
  readonly other = server(false)
  otherDigest: string | null = null
  applied: Omit<SplitEffect, 'kind'> | null = null
  ordered: SplitEffect | null = null
  /** Looks that a server needs to start. */
  startLooks = 2
  /** False: the data plane cannot be asked and follows nothing. */
  reachable = true
  asked = { baseline: false, candidate: false }
  readonly effects: Effect[] = []
  rates: Rates = { errors: [1, 1], latency: [10, 10], quality: [5, 5] }
  /** Requests a look. */
  requests = 25
  setBlock: Evidence['block'] | null = { kind: 'pairs', x10: 4, x01: 6, x11: 20, n: 400 }
  unanswered: string | null = null
  /** A gate whose evidence of users comes but must not decide. */
  unsure: string | null = null
  #carry: Record<string, number> = {}

  constructor(plan: ReleasePlan) {
    this.plan = plan
    this.baseline = server(formerOf(plan) !== 'none')
  }

  perform(effects: readonly Effect[]): void {
    this.effects.push(...effects)
    for (const effect of effects) {
      if (effect.kind === 'serve') {
        this.#want(this.candidate, effect.candidate)
        if (formerOf(this.plan) === 'own') this.#want(this.baseline, effect.baseline)
        this.#want(this.other, effect.other !== null)
        if (effect.other !== null) this.otherDigest = effect.other
      } else if (effect.kind === 'split') this.ordered = effect
      else if (effect.kind === 'ask') for (const version of effect.versions) this.asked[version] = true
    }
  }

  #want(one: Server, wanted: boolean): void {
    if (one.wanted === wanted) return
    one.wanted = wanted
    one.countdown = this.startLooks
    if (wanted) one.exits = 0
    else one.ready = false
  }

  #pass(one: Server): void {
    if (one.countdown > 0) one.countdown--
    if (one.wanted && one.failed === null) {
      one.running = true
      if (one.countdown === 0) one.ready = true
    } else if (!one.wanted && one.countdown === 0) one.running = false
  }

  /** An unasked exit; it starts again. */
  crash(which: 'candidate' | 'baseline'): void {
    const one = this[which]
    if (!one.running) return
    one.exits++
    one.ready = false
    one.countdown = this.startLooks
  }

  #seen = (one: Server): VersionSeen => ({ ready: one.ready, stopped: !one.running, failed: one.failed })

  /** Time passes, and the world is looked at. */
  look(afterMs = 250): LookEvent {
    this.at += afterMs
    for (const one of [this.candidate, this.baseline, this.other]) this.#pass(one)
    const evidence = this.#evidence().map((piece) =>
      piece.gate === this.unsure && piece.step >= 0
        ? { ...piece, block: { error: 'the arms are not labelled alike', unsure: true as const } }
        : piece,
    )
    if (this.reachable && this.ordered) {
      const { kind: _, ...applied } = this.ordered
      this.applied = applied
    }
    return {
      kind: 'look',
      at: this.at,
      candidate: { ...this.#seen(this.candidate), exits: this.candidate.exits },
      baseline: this.#seen(this.baseline),
      ...(this.otherDigest === null ? {} : { other: this.#seen(this.other) }),
      applied: this.reachable ? this.applied : null,
      evidence,
      answered: { ...this.asked },
      unanswered: this.asked.candidate ? this.unanswered : null,
    }
  }

  /** Bad answers among n, so that shares come out over time. */
  #bad(key: string, percent: number, n: number): number {
    const sum = (this.#carry[key] ?? 0) + (percent * n) / 100
    const bad = Math.floor(sum + 1e-9)
    this.#carry[key] = sum - bad
    return bad
  }

  #evidence(): Evidence[] {
    const found: Evidence[] = []
    if (this.setBlock && this.asked.candidate) {
      for (const gate of this.plan.gates)
        if (gate.kind === 'quality' && 'set' in gate.source)
          found.push({ gate: gate.name, step: -1, block: this.setBlock })
    }
    const split = this.applied
    const step = split ? this.plan.steps[split.step] : undefined
    if (!this.reachable || !split || !step || split.hold || this.requests === 0) return found
    for (const [gate, [base, cand]] of Object.entries(this.rates)) {
      const n = this.requests
      if (split.mirror) {
        const c = this.#bad(`${gate} c`, cand, n)
        const b = this.#bad(`${gate} b`, base, n)
        const x11 = 0
        found.push({ gate, step: split.step, block: { kind: 'pairs', x10: c, x01: b, x11, n } })
      } else if (split.watch) {
        found.push({
          gate,
          step: split.step,
          block: { kind: 'arms', xc: this.#bad(`${gate} c`, cand, n), nc: n, xb: 0, nb: 0 },
        })
      } else if (split.weightPpm > 0 && split.target === 'baseline') {
        const nc = this.#bad('split', split.weightPpm / 10_000, n)
        const xc = Math.min(nc, this.#bad(`${gate} c`, cand, nc))
        const xb = Math.min(n - nc, this.#bad(`${gate} b`, base, n - nc))
        found.push({ gate, step: split.step, block: { kind: 'arms', xc, nc, xb, nb: n - nc } })
      }
    }
    return found
  }
}
