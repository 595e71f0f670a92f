/** One mirrored request: the user's answer beside the candidate's copy, and the copies of both beside each other. */
import type { Deadlines, Late } from './deadlines.ts'
import { addPair, isBad, type Role, type Scope } from './gate-counters.ts'
import { isFault, type Outcome } from './outcome.ts'

const answered2xx = (outcome: Outcome): boolean =>
  outcome.status !== null && outcome.status < 300 && outcome.class !== null && !isFault(outcome.class)

export class PairTally {
  readonly #scope: Scope
  readonly #user: Outcome
  readonly #deadlines: Deadlines
  /** Per latency gate (index of cell) and role: is it above the bound; undefined: not known yet. */
  readonly #slow: { baseline?: boolean; candidate?: boolean }[] = []
  #warm = false
  #fault = false

  constructor(scope: Scope, user: Outcome, deadlines: Deadlines) {
    this.#scope = scope
    this.#user = user
    this.#deadlines = deadlines
  }

  get warm(): boolean {
    return this.#warm
  }

  /** A copy leaves for a version; `both`: the other version gets one too, so that latency compares them. */
  sent(role: Role, startedAt: number, both: boolean): CopyTally {
    if (role === 'candidate') this.#warm = this.#scope.warmUp.take()
    const copy = new CopyTally(this, this.#scope, role, startedAt, both)
    if (both)
      this.#scope.cells.forEach((cell, index) => {
        if (cell.spec.kind === 'latency') this.#deadlines.watch(cell.spec.boundMs, startedAt, copy, index)
      })
    return copy
  }

  /** The candidate's copy ended: pairs with the user's answer. */
  candidateEnded(copy: Outcome): void {
    if (copy.class === null) return this.#end(null)
    this.#fault = isFault(copy.class)
    this.#end(copy)
  }

  #end(copy: Outcome | null): void {
    if (this.#warm && (copy === null || this.#fault)) this.#scope.warmUp.giveBack()
    if (copy === null || (this.#warm && !this.#fault)) return
    const user = this.#user
    for (const { spec, counts, plain } of this.#scope.cells) {
      if (spec.kind !== 'errors') continue
      addPair(counts, isBad(spec, copy, answered2xx(user)), isBad(spec, user, answered2xx(copy)))
      addPair(plain, isBad(spec, copy, false), isBad(spec, user, false))
    }
  }

  /** How long a copy took, or that it passed the bound; the pair counts when both are known. */
  latency(spec: number, role: Role, slow: boolean): void {
    this.#slow[spec] ??= {}
    const known = this.#slow[spec]
    if (known[role] !== undefined) return
    known[role] = slow
    if (known.baseline === undefined || known.candidate === undefined || (this.#warm && !this.#fault)) return
    const cell = this.#scope.cells[spec]!
    addPair(cell.counts, known.candidate, known.baseline)
    addPair(cell.plain, known.candidate, known.baseline)
  }

  known(spec: number, role: Role): boolean {
    return this.#slow[spec]?.[role] !== undefined
  }
}

/** One copy on its way to one version. */
export class CopyTally implements Late {
  readonly #pair: PairTally
  readonly #scope: Scope
  readonly #role: Role
  readonly #startedAt: number
  readonly #both: boolean
  #ended = false

  constructor(pair: PairTally, scope: Scope, role: Role, startedAt: number, both: boolean) {
    this.#pair = pair
    this.#scope = scope
    this.#role = role
    this.#startedAt = startedAt
    this.#both = both
  }

  over(spec: number): boolean {
    return this.#ended || this.#pair.known(spec, this.#role)
  }

  pass(spec: number): void {
    this.#pair.latency(spec, this.#role, true)
  }

  firstByte(at: number): void {
    if (!this.#both) return
    this.#scope.cells.forEach(({ spec }, index) => {
      if (spec.kind === 'latency' && spec.of === 'first-byte')
        this.#pair.latency(index, this.#role, at - this.#startedAt > spec.boundMs)
    })
  }

  end(outcome: Outcome): void {
    if (this.#role === 'candidate') this.#pair.candidateEnded(outcome)
    if (this.#both)
      this.#scope.cells.forEach(({ spec }, index) => {
        if (spec.kind !== 'latency') return
        const took = spec.of === 'total' ? outcome.totalMs : (outcome.firstByteMs ?? outcome.totalMs)
        if (took !== null) this.#pair.latency(index, this.#role, took > spec.boundMs)
        else if (outcome.class === 'timeout') this.#pair.latency(index, this.#role, true)
      })
    this.#ended = true
  }
}
