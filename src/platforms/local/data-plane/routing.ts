/** The orders that a data plane acts on, made ready for the path of a request. */
import { SlipwayError } from '../../../errors.ts'
import { type Arm, assigned, stickyKey } from '../../../plan/sticky.ts'
import { FULL_PPM } from '../../../plan/types.ts'
import type { RouteOrders, RouteTarget } from '../../contract.ts'
import type { GateBook, Scope } from './gate-counters.ts'
import { requestMatcher } from './patterns.ts'
import { Version } from './versions.ts'
import { WarmUp } from './warm-up.ts'

export interface Orders extends RouteOrders {
  readonly listed: (method: string, target: string) => boolean
  readonly scope: Scope | null
  readonly baselineVersion: Version | null
  readonly candidateVersion: Version | null
  /** The body decides who answers, or names the label's key: it is read before the request is routed. */
  readonly needsBody: boolean
  /** Values at the pointer are looked for. */
  readonly looks: boolean
  readonly mayMirror: boolean
}

/** Who should answer, and who does. */
export interface Choice {
  readonly assigned: Arm
  readonly served: Arm
  readonly version: Version
}

export class Routing {
  #orders: Orders | null = null
  #given: RouteOrders | null = null
  #epoch = 0
  #revision = 0
  #warmUp: WarmUp | null = null
  #givenBack = false
  readonly #versions = new Map<string, Version>()
  readonly #book: GateBook
  readonly #mono: () => number
  /** Called when requests that wait for the end of a hold may look again. */
  onChange: () => void = () => {}
  /** Judged requests routed since the present split. */
  split: [number, number] = [0, 0]

  constructor(book: GateBook, mono: () => number) {
    this.#book = book
    this.#mono = mono
  }

  get orders(): Orders | null {
    return this.#orders
  }
  get epoch(): number {
    return this.#epoch
  }
  get revision(): number {
    return this.#revision
  }
  /** The candidate's weight was given back for want of renewal, until new orders come. */
  get givenBack(): boolean {
    return this.#givenBack
  }

  /** Requests that wait for a place at a version. */
  get waiting(): number {
    let all = 0
    for (const version of this.#versions.values()) all += version.waiting
    return all
  }

  /** Acts on new orders from now on. Throws HOST_ELSEWHERE for those of an older host, or older than what is acted on. */
  route(orders: RouteOrders): void {
    if (orders.epoch < this.#epoch || (orders.epoch === this.#epoch && orders.revision < this.#revision))
      throw new SlipwayError(
        'HOST_ELSEWHERE',
        `orders ${orders.epoch}.${orders.revision} are older than ${this.#epoch}.${this.#revision}, which the data plane acts on`,
      )
    this.#epoch = orders.epoch
    this.#revision = orders.revision
    this.#givenBack = false
    this.#act(orders)
  }

  /** A sign of life of the host of this epoch. */
  renew(epoch: number): void {
    if (epoch < this.#epoch)
      throw new SlipwayError('HOST_ELSEWHERE', `the data plane obeys the host of epoch ${this.#epoch}, not ${epoch}`)
    if (epoch > this.#epoch) {
      this.#epoch = epoch
      this.#revision = 0
    }
  }

  /** Orders were not renewed: the candidate's users go back to the baseline, and nothing counts, unless orders say `keep`. */
  silence(): boolean {
    const orders = this.#given
    if (!orders || this.#givenBack || orders.onSilence === 'keep' || orders.weightPpm === 0 || !orders.baseline)
      return false
    this.#givenBack = true
    this.#act({ ...orders, weightPpm: 0, counting: null })
    this.#given = orders
    return true
  }

  #act(orders: RouteOrders): void {
    const before = this.#orders
    this.#given = orders
    const baselineVersion = this.#version(orders.baseline, orders)
    const candidateVersion = this.#version(orders.candidate, orders)
    const candidate = orders.candidate ?? orders.baseline
    if (orders.counting && candidate)
      this.#warmUp = WarmUp.next(this.#warmUp, orders.counting.release, candidate.digest, candidate.incarnation)
    const judged = orders.requests.length > 0
    this.#orders = {
      ...orders,
      listed: before && sameList(before.requests, orders.requests) ? before.listed : requestMatcher(orders.requests),
      scope: this.#scope(orders),
      baselineVersion,
      candidateVersion,
      needsBody: (orders.sticky !== null && 'body' in orders.sticky) || (orders.keepValues && orders.labelKey !== null),
      looks: orders.counting !== null || orders.keepValues || orders.mirror !== null,
      mayMirror: orders.mirror !== null && orders.mirror.fraction > 0 && judged && candidateVersion !== null,
    }
    if (!before || !sameSplit(before, orders)) this.split = [0, 0]
    this.#forget()
    // Who waits for a place at a version that is taken back need not wait for it to answer.
    if (candidateVersion && orders.weightPpm === 0 && candidateVersion !== baselineVersion) candidateVersion.expel()
    this.onChange()
  }

  /** Idle connections go. */
  close(): void {
    for (const version of this.#versions.values()) version.retire()
  }

  #version(target: RouteTarget | null, orders: RouteOrders): Version | null {
    if (target === null) return null
    let version = this.#versions.get(target.digest)
    if (!version) {
      version = new Version(target.digest, this.#mono)
      this.#versions.set(target.digest, version)
    }
    version.update(target, orders.limits)
    return version
  }

  #forget(): void {
    const { baselineVersion, candidateVersion } = this.#orders!
    for (const [digest, version] of this.#versions) {
      if (version === baselineVersion || version === candidateVersion) continue
      version.retire()
      version.expel()
      if (version.open === 0 && version.waiting === 0) this.#versions.delete(digest)
    }
  }

  #scope(orders: RouteOrders): Scope | null {
    const { counting, mirror, weightPpm, sticky } = orders
    if (!counting || !this.#warmUp) return null
    const mode = counting.watch ? 'watch' : mirror && weightPpm === 0 ? 'pairs' : 'arms'
    // Without weight there are no two arms: a baseline alone is no evidence.
    if (mode === 'arms' && weightPpm === 0) return null
    const kind = mode === 'pairs' ? 'pairs' : 'arms'
    const bounds = counting.specs.map((spec) => (spec.kind === 'latency' ? spec.boundMs : 0))
    return {
      release: counting.release,
      step: counting.step,
      mode,
      count4xx: mode === 'arms' && sticky === null,
      cells: counting.specs.map((spec) => this.#book.cell(counting.release, counting.step, spec, kind)),
      warmUp: this.#warmUp,
      slowestMs: Math.max(0, ...bounds),
    }
  }

  /** Which version takes a request; null: none is there. `body`: the parsed body, where orders need it. */
  choose(orders: Orders, listed: boolean, id: string, raw: readonly string[], body: () => unknown): Choice | null {
    const { weightPpm, salt, sticky, candidateVersion: candidate } = orders
    let arm: Arm = 'baseline'
    if (candidate && weightPpm === FULL_PPM) arm = 'candidate'
    else if (candidate && listed && weightPpm > 0) arm = assigned(stickyKey(sticky, id, raw, body), salt, weightPpm)
    if (listed) this.split[arm === 'candidate' ? 1 : 0]++
    return this.settle(orders, arm)
  }

  /** The assigned version, or the other one where it has no server and the other may serve. */
  settle(orders: Orders, arm: Arm): Choice | null {
    const { weightPpm, baselineVersion: baseline, candidateVersion: candidate } = orders
    if (arm === 'candidate') {
      if (candidate?.ready) return { assigned: arm, served: arm, version: candidate }
      return baseline?.ready ? { assigned: arm, served: 'baseline', version: baseline } : null
    }
    if (baseline?.ready) return { assigned: arm, served: arm, version: baseline }
    return candidate?.ready && weightPpm > 0 ? { assigned: arm, served: 'candidate', version: candidate } : null
  }
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index])

const sameSplit = (a: RouteOrders, b: RouteOrders): boolean =>
  a.weightPpm === b.weightPpm &&
  a.salt === b.salt &&
  a.baseline?.digest === b.baseline?.digest &&
  a.candidate?.digest === b.candidate?.digest &&
  JSON.stringify(a.sticky) === JSON.stringify(b.sticky)
