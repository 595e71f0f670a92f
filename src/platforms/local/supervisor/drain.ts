/** Whether a server that takes no new requests has answered its last. */
import type { Processes } from '../../../io/processes-contract.ts'

/** Requests come to their end unseen between two looks; only two empty ones in a row are believed. */
const EMPTY_LOOKS = 2

export class Drain {
  readonly #until: number
  #empty = 0

  /** `until`: monotonic, ms; then it is over in any case. */
  constructor(until: number) {
    this.#until = until
  }

  /** `told`: open requests as the data plane counts them; null: the port's open connections are counted. */
  over(now: number, told: number | null, processes: Processes, port: number): boolean {
    if (now >= this.#until) return true
    const open = told ?? processes.connections(port) ?? 0
    this.#empty = open === 0 ? this.#empty + 1 : 0
    return this.#empty >= EMPTY_LOOKS
  }
}
