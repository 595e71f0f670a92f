/** A platform that works, in memory: versions get ready at the next look, orders are acted on, requests are counted as they say. */
import type { AnswerRecord, Counts, Reading } from '../../src/evidence/types.ts'
import type { Clock } from '../../src/io/clock.ts'
import type {
  Platform,
  RouteOrders,
  ServeOrder,
  SetAnswer,
  TakenLabel,
  VersionStatus,
} from '../../src/platforms/contract.ts'

/** How a version answers: shares of requests. */
export interface Answers {
  readonly bad: number
  readonly slow: number
  readonly wrong: number
}
const FINE: Answers = { bad: 0.01, slow: 0.05, wrong: 0.05 }

type Tally = Record<string, number>
/** One that is not wanted is stopped, and remembered with its exits. */
interface Server {
  wanted: boolean
  ready: boolean
  exits: number
}
/** Does this of many cases have a property of such a share? The same each time. */
function happens(share: number, what: string, k: number): boolean {
  let hash = 2166136261
  for (const character of `${what} ${k}`) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) / 4294967296 < share
}

export class MemoryPlatform implements Platform {
  readonly #clock: Clock
  readonly #how: Readonly<Record<string, Answers>>
  #boot = 'boot-1'
  readonly #servers = new Map<string, Server>()
  orders: RouteOrders | null = null
  /** Turns after which the host said that its orders still stand. */
  renewed = 0
  /** The candidate's weight was given back; new orders end that. */
  givenBack = false
  /** Nothing of it answers. */
  silent = false
  /** Called before each look: what else happens in the world. */
  meanwhile: () => void = () => {}
  /** Requests so far, and by version. */
  readonly sent: Record<string, number> = {}
  #counts = new Map<string, Tally>()
  #answers: AnswerRecord[] = []
  #taken = 0
  #labels: TakenLabel[] = []
  #k = 0

  constructor(clock: Clock, how: Readonly<Record<string, Answers>> = {}) {
    this.#clock = clock
    this.#how = how
  }

  running = (): string[] => [...this.#servers].filter(([, { wanted }]) => wanted).map(([digest]) => digest)

  /** The data plane died and another one took its place. */
  replaced(): void {
    this.#boot = `${this.#boot}'`
    this.#counts = new Map()
    this.#answers = []
    this.orders = null
  }

  crash(digest: string): void {
    const server = this.#servers.get(digest)
    if (server) Object.assign(server, { ready: false, exits: server.exits + 1 })
  }

  /** So many requests of users; each is labelled at once where `labels`. */
  traffic(requests: number, labels = false): void {
    const { orders } = this
    if (!orders?.counting || !orders.baseline) return
    const { step, watch } = orders.counting
    if (step < 0) return
    const candidate = orders.candidate?.digest ?? orders.baseline.digest
    for (let i = 0; i < requests; i++) {
      const k = this.#k++
      const toCandidate = orders.candidate !== null && happens(orders.weightPpm / 1e6, 'arm', k)
      const arm = toCandidate ? 'candidate' : 'baseline'
      const served = toCandidate ? candidate : orders.baseline.digest
      this.sent[served] = (this.sent[served] ?? 0) + 1
      for (const spec of orders.counting.specs) {
        const share = spec.kind === 'errors' ? ('bad' as const) : ('slow' as const)
        const bad = (digest: string) => happens((this.#how[digest] ?? FINE)[share], share, k)
        if (orders.mirror) this.#pair(spec.gate, step, bad(candidate), bad(orders.baseline.digest))
        else if (!watch || toCandidate) this.#arm(spec.gate, step, arm, bad(served))
      }
      if (orders.keepValues) this.#answer(k, arm, served, orders, labels)
    }
  }

  #count(gate: string, step: number, kind: Counts['kind']): Tally {
    const key = `${gate} ${step} ${kind}`
    const found = this.#counts.get(key)
    if (found) return found
    const fresh: Tally = kind === 'pairs' ? { x10: 0, x01: 0, x11: 0, n: 0 } : { xc: 0, nc: 0, xb: 0, nb: 0 }
    this.#counts.set(key, fresh)
    return fresh
  }
  #add(tally: Tally, field: string): void {
    tally[field] = (tally[field] ?? 0) + 1
  }
  #pair(gate: string, step: number, candidate: boolean, baseline: boolean): void {
    const tally = this.#count(gate, step, 'pairs')
    this.#add(tally, 'n')
    if (candidate || baseline) this.#add(tally, candidate && baseline ? 'x11' : candidate ? 'x10' : 'x01')
  }
  #arm(gate: string, step: number, arm: 'baseline' | 'candidate', bad: boolean): void {
    const tally = this.#count(gate, step, 'arms')
    this.#add(tally, arm === 'candidate' ? 'nc' : 'nb')
    if (bad) this.#add(tally, arm === 'candidate' ? 'xc' : 'xb')
  }
  #answer(k: number, arm: 'baseline' | 'candidate', served: string, orders: RouteOrders, labels: boolean): void {
    const value = (digest: string) => (happens((this.#how[digest] ?? FINE).wrong, 'wrong', k) ? 'wrong' : 'right')
    const copy: { candidateCopy?: string } =
      orders.mirror && orders.candidate ? { candidateCopy: value(orders.candidate.digest) } : {}
    const id = `request-${k}`
    const { release, step } = orders.counting!
    const whole = (text: string) => ({ status: 200, text: `{"label": "${text}"}`, cut: false })
    const kept =
      orders.keepAnswers && copy.candidateCopy
        ? { whole: { user: whole(value(served)), candidateCopy: whole(copy.candidateCopy) } }
        : {}
    const said = { user: value(served), ...copy, ...kept }
    this.#answers.push({ id, at: this.#clock.now(), release, step, arm, digest: served, ...said })
    if (labels) this.#labels.push({ id, label: 'right', at: this.#clock.now() })
  }

  /** What was counted for a gate since the boot. */
  counted(gate: string): number {
    let n = 0
    for (const [key, tally] of this.#counts)
      if (key.startsWith(`${gate} `)) n += (tally.n ?? 0) + (tally.nc ?? 0) + (tally.nb ?? 0)
    return n
  }

  async serve(_environment: string, orders: readonly ServeOrder[]): Promise<void> {
    const wanted = orders.map(({ digest }) => digest as string)
    for (const [digest, server] of this.#servers)
      if (!wanted.includes(digest)) Object.assign(server, { wanted: false, ready: false })
    for (const digest of wanted)
      if (!this.#servers.get(digest)?.wanted) this.#servers.set(digest, { wanted: true, ready: false, exits: 0 })
  }

  async renew(): Promise<void> {
    this.renewed++
  }

  async status(): Promise<readonly VersionStatus[]> {
    this.meanwhile()
    return [...this.#servers].map(([digest, server]) => {
      const { wanted, ready, exits } = server
      server.ready = wanted
      const addresses = ready ? [`http://127.0.0.1/${digest.slice(7, 9)}`] : []
      const known = {
        digest,
        replicas: 1,
        unaskedExits: exits,
        incarnation: exits + 1,
        loadMs: 1,
        why: null,
        code: null,
      }
      return {
        ...known,
        state: ready ? ('ready' as const) : wanted ? ('starting' as const) : ('stopped' as const),
        readyReplicas: ready ? 1 : 0,
        addresses,
      }
    })
  }

  async retry() {}

  async route(_environment: string, orders: RouteOrders): Promise<void> {
    if (this.silent) throw new Error('no data plane')
    const { epoch, revision } = this.orders ?? { epoch: 0, revision: 0 }
    if (orders.epoch < epoch || (orders.epoch === epoch && orders.revision < revision))
      throw new Error('orders of an older host')
    this.orders = orders
    this.givenBack = false
  }

  async observe(_environment: string, after: { cursor: number; boot: string | null }): Promise<Reading> {
    if (this.silent) throw new Error('no data plane')
    const from = after.boot === this.#boot ? after.cursor : 0
    this.#taken = this.#answers.length
    const { orders } = this
    return {
      boot: this.#boot,
      at: this.#clock.now(),
      epoch: orders?.epoch ?? 0,
      revision: orders?.revision ?? 0,
      gates: [...this.#counts].map(([key, tally]) => {
        const [gate, step, kind] = key.split(' ') as [string, string, Counts['kind']]
        return {
          gate,
          release: orders?.counting?.release ?? '',
          step: Number(step),
          counts: { kind, ...tally } as never,
        }
      }),
      versions: [],
      split: [0, 0],
      mirrored: {},
      answers: this.#answers.slice(from),
      cursor: this.#taken,
      answersDropped: 0,
      waiting: 0,
      weightPpm: this.givenBack ? 0 : (orders?.weightPpm ?? 0),
      holding: orders?.hold != null,
      givenBack: this.givenBack,
    }
  }

  async takeLabels(_environment: string, take: (labels: readonly TakenLabel[]) => void): Promise<void> {
    take(this.#labels)
    this.#labels = []
  }

  async ask(): Promise<SetAnswer> {
    return { status: 200, value: 'right', fault: null, ms: 1 }
  }
}
