/** A version as the data plane knows it: its addresses, how much is open at it, and who waits for it. */
import type { RouteTarget } from '../../contract.ts'
import { Lane } from './lane.ts'

export interface Limits {
  readonly inFlight: number
  readonly queue: number
}
/** How long an address that refused a connection is asked last. */
const AVOID_MS = 500

export class Version {
  readonly digest: string
  tag: string | null = null
  #lanes: Lane[] = []
  #turn = 0
  open = 0
  /** In the order in which they came: what to do with a place, and what without any hope of one. */
  readonly #waiting = new Map<() => void, () => void>()
  #limits: Limits = { inFlight: 512, queue: 512 }

  /** A server that slipway neither starts nor stops: its URL stands for its digest. */
  readonly #outside: boolean
  readonly #mono: () => number

  constructor(digest: string, mono: () => number) {
    this.digest = digest
    this.#outside = /^https?:/.test(digest)
    this.#mono = mono
  }

  /** Takes over what orders say; lanes of addresses that stay keep their connections. */
  update(target: RouteTarget, limits: Limits): void {
    this.tag = target.tag
    this.#limits = limits
    const before = new Map(this.#lanes.map((lane) => [lane.address, lane]))
    this.#lanes = target.addresses.map((address) => {
      const lane = before.get(address) ?? new Lane(address, this.#outside, this.#mono)
      before.delete(address)
      lane.revive()
      return lane
    })
    for (const lane of before.values()) lane.retire()
    this.#admit()
  }

  /** What `x-slipway-version` says. */
  get name(): string {
    return this.tag ?? this.digest
  }

  get ready(): boolean {
    return this.#lanes.length > 0
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** The address with the least open requests, those tried or refusing last; undefined: all were tried. */
  choose(tried: readonly Lane[], now: number): Lane | undefined {
    const lanes = this.#lanes
    if (lanes.length === 1) return tried.includes(lanes[0]!) ? undefined : lanes[0]
    let best: Lane | undefined
    let least = Number.POSITIVE_INFINITY
    this.#turn++
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[(this.#turn + i) % lanes.length]!
      if (tried.includes(lane)) continue
      const load = lane.open + (lane.avoidUntil > now ? 1e9 : 0)
      if (load < least) {
        least = load
        best = lane
      }
    }
    return best
  }

  /**
   * Asks for one of the version's places: `now` taken, to be waited for (`go` is called with it taken, or `out` when the
   * version is to answer no more; the returned function gives the turn up), or null where the queue is full.
   */
  enter(go: () => void, out: () => void): 'now' | (() => void) | null {
    if (this.waiting === 0 && this.enterNow()) return 'now'
    if (this.waiting >= this.#limits.queue) return null
    this.#waiting.set(go, out)
    return () => void this.#waiting.delete(go)
  }

  /** A place without waiting. */
  enterNow(): boolean {
    if (this.open >= this.#limits.inFlight) return false
    this.open++
    return true
  }

  leave(): void {
    this.open--
    this.#admit()
  }

  #admit(): void {
    for (const go of this.#waiting.keys()) {
      if (this.open >= this.#limits.inFlight) return
      this.#waiting.delete(go)
      this.open++
      go()
    }
  }

  /** The version gets no more requests: who waits for it goes elsewhere. */
  expel(): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const out of all) out()
  }

  /** An address refused: others first for a while. */
  static avoid(lane: Lane, now: number): void {
    lane.avoidUntil = now + AVOID_MS
  }

  retire(): void {
    for (const lane of this.#lanes) lane.retire()
  }
}
