/** Cumulative counts per gate and step: arms in a canary, pairs in shadow, the candidate alone in the watch. */
import type { GateCounter } from '../../../evidence/types.ts'
import type { CounterSpec } from '../../contract.ts'
import type { Deadlines, Late } from './deadlines.ts'
import { isFault, type Outcome } from './outcome.ts'
import type { WarmUp } from './warm-up.ts'

export type Role = 'baseline' | 'candidate'
type ErrorsSpec = Extract<CounterSpec, { kind: 'errors' }>

/** Counts of one gate in one step; `plain` leaves 4xx out (for the bound that the watch freezes). */
export interface Cell {
  readonly spec: CounterSpec
  readonly counts: MutableArms | MutablePairs
  readonly plain: MutableArms | MutablePairs
}
interface MutableArms {
  readonly kind: 'arms'
  xc: number
  nc: number
  xb: number
  nb: number
}
interface MutablePairs {
  readonly kind: 'pairs'
  x10: number
  x01: number
  x11: number
  n: number
}
const arms = (): MutableArms => ({ kind: 'arms', xc: 0, nc: 0, xb: 0, nb: 0 })
const pairs = (): MutablePairs => ({ kind: 'pairs', x10: 0, x01: 0, x11: 0, n: 0 })

/** What a request is counted for: fixed when it is routed, whatever orders come later. */
export interface Scope {
  readonly release: string
  readonly step: number
  readonly mode: 'arms' | 'pairs' | 'watch'
  /** 4xx are bad between arms. */
  readonly count4xx: boolean
  readonly cells: readonly Cell[]
  readonly warmUp: WarmUp
  /** The longest latency bound, ms; 0 without a latency gate. */
  readonly slowestMs: number
}

/** All cells since boot, of the last releases. */
export class GateBook {
  readonly #cells = new Map<string, { release: string; step: number; cell: Cell }>()
  readonly #releases: string[] = []

  /** The cell of a gate in a step; made at first use. */
  cell(release: string, step: number, spec: CounterSpec, kind: 'arms' | 'pairs'): Cell {
    this.#remember(release)
    const key = JSON.stringify([release, step, kind, spec])
    const known = this.#cells.get(key)
    if (known) return known.cell
    const fresh = () => (kind === 'arms' ? arms() : pairs())
    const cell: Cell = { spec, counts: fresh(), plain: fresh() }
    this.#cells.set(key, { release, step, cell })
    return cell
  }

  /** Counts of releases long gone go, so that the book stays small. */
  #remember(release: string): void {
    if (this.#releases.includes(release)) return
    this.#releases.push(release)
    if (this.#releases.length <= 3) return
    const gone = this.#releases.shift()
    for (const [key, entry] of this.#cells) if (entry.release === gone) this.#cells.delete(key)
  }

  read(): GateCounter[] {
    return [...this.#cells.values()].map(({ release, step, cell }) => ({
      gate: cell.spec.gate,
      release,
      step,
      counts: { ...cell.counts },
      ...(cell.spec.kind === 'errors' ? { without4xx: { ...cell.plain } } : {}),
    }))
  }
}

/** Is this outcome bad for an errors gate? `count4xx`: a 4xx is evidence here at all. */
export function isBad(spec: ErrorsSpec, outcome: Pick<Outcome, 'class' | 'status'>, count4xx: boolean): boolean {
  const { class: answer, status } = outcome
  if (answer === null || !spec.bad.includes(answer)) return false
  if (answer === '4xx' && !count4xx) return false
  return status === null || answer === 'no-answer' || !spec.except.includes(status)
}

function addArm(cell: Cell, role: Role, bad: boolean, badPlain: boolean): void {
  for (const [counts, x] of [
    [cell.counts, bad],
    [cell.plain, badPlain],
  ] as const) {
    if (counts.kind !== 'arms') continue
    if (role === 'candidate') {
      counts.nc++
      if (x) counts.xc++
    } else {
      counts.nb++
      if (x) counts.xb++
    }
  }
}

/** Adds one pair: is the candidate bad, is the baseline bad. */
export function addPair(counts: MutableArms | MutablePairs, candidate: boolean, baseline: boolean): void {
  if (counts.kind !== 'pairs') return
  counts.n++
  if (candidate && baseline) counts.x11++
  else if (candidate) counts.x10++
  else if (baseline) counts.x01++
}

/** One user's request between two arms, or of the candidate in the watch. */
export class ArmTally implements Late {
  readonly #scope: Scope
  readonly #role: Role
  readonly #warm: boolean
  readonly #startedAt: number
  /** How long it takes is evidence. */
  readonly #timed: boolean
  /** Latency gates (by index of cell) that have their count of this request. */
  readonly #counted: boolean[] = []
  #ended = false

  private constructor(scope: Scope, role: Role, startedAt: number, timed: boolean) {
    this.#scope = scope
    this.#role = role
    this.#startedAt = startedAt
    this.#timed = timed
    this.#warm = role === 'candidate' && scope.warmUp.take()
  }

  /** null where this arm is not counted. Without deadlines how long it takes counts for nothing. */
  static open(scope: Scope | null, role: Role, startedAt: number, deadlines: Deadlines | null): ArmTally | null {
    if (scope === null || scope.mode === 'pairs' || (scope.mode === 'watch' && role === 'baseline')) return null
    const tally = new ArmTally(scope, role, startedAt, deadlines !== null)
    if (!tally.#warm && deadlines)
      scope.cells.forEach((cell, index) => {
        if (cell.spec.kind === 'latency') deadlines.watch(cell.spec.boundMs, startedAt, tally, index)
      })
    return tally
  }

  get warm(): boolean {
    return this.#warm
  }

  over(spec: number): boolean {
    return this.#ended || this.#counted[spec] === true
  }

  pass(spec: number): void {
    this.#latency(spec, true)
  }

  firstByte(at: number): void {
    if (this.#warm) return
    const { cells } = this.#scope
    for (let k = 0; k < cells.length; k++) {
      const { spec } = cells[k]!
      if (spec.kind === 'latency' && spec.of === 'first-byte') this.#latency(k, at - this.#startedAt > spec.boundMs)
    }
  }

  #latency(spec: number, bad: boolean): void {
    if (this.#counted[spec] || !this.#timed) return
    this.#counted[spec] = true
    addArm(this.#scope.cells[spec]!, this.#role, bad, bad)
  }

  /** The end; a caller who hung up (class null) counts for nobody. */
  end(outcome: Outcome): void {
    if (this.#ended) return
    const { cells, count4xx, warmUp } = this.#scope
    const answer = outcome.class
    const fault = answer !== null && isFault(answer)
    if (this.#warm && (answer === null || fault)) warmUp.giveBack()
    for (let k = 0; k < cells.length; k++) {
      const cell = cells[k]!
      const { spec } = cell
      if (answer === null || (this.#warm && !fault)) continue
      if (spec.kind === 'errors') addArm(cell, this.#role, isBad(spec, outcome, count4xx), isBad(spec, outcome, false))
      else {
        const took = spec.of === 'total' ? outcome.totalMs : (outcome.firstByteMs ?? outcome.totalMs)
        if (took !== null) this.#latency(k, took > spec.boundMs)
        else if (answer === 'timeout') this.#latency(k, true)
      }
    }
    this.#ended = true
  }
}

/**
 * A request that the candidate could not take, without a server (reset) or full with its own (5xx): bad for it in every
 * errors gate, in its warm-up too.
 */
export function countRefused(scope: Scope | null, answer: 'reset' | '5xx'): void {
  if (scope === null || scope.mode === 'pairs') return
  const outcome = { class: answer, status: null }
  for (const cell of scope.cells)
    if (cell.spec.kind === 'errors')
      addArm(cell, 'candidate', isBad(cell.spec, outcome, false), isBad(cell.spec, outcome, false))
}
