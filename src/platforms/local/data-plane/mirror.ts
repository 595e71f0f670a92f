/**
 * Copies of users' requests for the candidate, and of a sample for the baseline a second time. Outside the users' path: a
 * copy leaves after the user's answer has left, from a bounded queue that drops and counts.
 */
import { setTimeout as wait } from 'node:timers'
import { overlay } from '../../../kit/json.ts'
import { type Asked, recordOf } from './asked.ts'
import { Budget } from './budget.ts'
import { sendCopy } from './copy.ts'
import type { CopyContext } from './copy-context.ts'
import type { Role } from './gate-counters.ts'
import { frameRequest } from './headers.ts'
import type { Outcome } from './outcome.ts'
import { PairTally } from './pair-tally.ts'
import type { Choice, Orders } from './routing.ts'
import type { Version } from './versions.ts'
import { WholeAnswers } from './whole-answers.ts'

const MOST_COPY_BYTES = 64 * 2 ** 20
const MOST_QUEUED = 1024
const MOST_RUNNING = 256

/** What became of requests chosen for a copy; `answered` and `failed` are the candidate's. */
export type MirrorResult = 'answered' | 'failed' | 'dropped' | 'too-large' | 'not-ready'

/** One request chosen for a copy, collecting its body while that passes. */
export class MirrorJob {
  readonly orders: Orders
  readonly asked: Asked
  readonly choice: Choice
  readonly #budget: Budget
  #chunks: Uint8Array[] = []
  bytes = 0
  tooLarge = false

  constructor(budget: Budget, orders: Orders, asked: Asked, choice: Choice) {
    this.#budget = budget
    this.orders = orders
    this.asked = asked
    this.choice = choice
  }

  add(chunk: Uint8Array): void {
    if (this.tooLarge) return
    if (this.#budget.take(chunk.length)) {
      this.#chunks.push(chunk)
      this.bytes += chunk.length
      return
    }
    this.release()
    this.tooLarge = true
  }

  get body(): Uint8Array {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
  }

  /** Gives its bytes back; it leaves no copy. */
  release(): void {
    this.#budget.give(this.bytes)
    this.bytes = 0
    this.#chunks = []
  }
}

export class Mirror {
  readonly counts: Record<MirrorResult, number> = {
    answered: 0,
    failed: 0,
    dropped: 0,
    'too-large': 0,
    'not-ready': 0,
  }
  readonly #budget: Budget
  readonly #queue: { job: MirrorJob; user: Outcome }[] = []
  readonly #whole = new WholeAnswers()
  #running = 0
  #closed = false

  constructor(mostBytes = MOST_COPY_BYTES) {
    this.#budget = new Budget(mostBytes)
  }

  /** Chooses by chance whether a request that the baseline serves gets a copy. */
  begin(around: CopyContext, orders: Orders, asked: Asked, choice: Choice): MirrorJob | null {
    if (!orders.mayMirror || !asked.listed || choice.served !== 'baseline' || choice.assigned !== 'baseline')
      return null
    if (around.random() >= orders.mirror!.fraction) return null
    return new MirrorJob(this.#budget, orders, asked, choice)
  }

  /** Are whole answers of a pair that begins now kept? */
  keeps(orders: Orders): boolean {
    return orders.keepAnswers === true && !this.#whole.full(orders)
  }

  /** The user's answer has left: the copy may follow. */
  offer(job: MirrorJob, user: Outcome, around: CopyContext): void {
    const refused: MirrorResult | null = job.tooLarge
      ? 'too-large'
      : !job.orders.candidateVersion?.ready
        ? 'not-ready'
        : this.#closed || this.#queue.length >= MOST_QUEUED
          ? 'dropped'
          : null
    if (refused !== null) {
      this.counts[refused]++
      job.release()
      if (job.orders.keepValues && user.value !== undefined) this.#record(around, job, user, {}, false)
      return
    }
    this.#queue.push({ job, user })
    this.#pump(around)
  }

  #pump(around: CopyContext): void {
    while (this.#running < MOST_RUNNING && this.#queue.length > 0) {
      const { job, user } = this.#queue.shift()!
      this.#running++
      // In a turn of its own, so that users' bytes which wait now go first.
      setImmediate(() => {
        void this.#run(around, job, user).finally(() => {
          this.#running--
          job.release()
          this.#pump(around)
        })
      })
    }
  }

  /**
   * The copies of one request. With a second copy both leave one after the other, in random order: side by side the faster
   * version would be measured while the slower one works, and whichever came first would always meet the warmer caches.
   * The second does not wait for one that hangs.
   */
  async #run(around: CopyContext, job: MirrorJob, user: Outcome): Promise<void> {
    const { orders } = job
    const both = around.random() < orders.mirror!.noise
    const candidate = orders.candidateVersion!
    const pair = orders.scope?.mode === 'pairs' ? new PairTally(orders.scope, user, around.deadlines) : null
    const body = both ? laidOver(job.body, orders) : job.body
    const headers = frameRequest([...job.asked.fields, 'x-slipway-shadow', '1'], job.asked.method, bodyLength(body))
    const one = async (role: Role, version: Version): Promise<Outcome> => {
      const startedAt = around.clock.mono()
      const tally = pair?.sent(role, startedAt, both) ?? null
      const request = { ...job.asked, headers, body, keep: role === 'candidate' && this.keeps(orders) }
      const outcome = await sendCopy(around, version, orders, request, tally, startedAt)
      tally?.end(outcome)
      return outcome
    }
    const copies: Partial<Record<Role, Outcome>> = {}
    const note = (role: Role) => (outcome: Outcome) => {
      copies[role] = outcome
    }
    if (both) {
      const first: Role = around.random() < 0.5 ? 'candidate' : 'baseline'
      const second: Role = first === 'candidate' ? 'baseline' : 'candidate'
      const versions = { candidate, baseline: job.choice.version }
      const running = one(first, versions[first]).then(note(first))
      await Promise.race([running, pause((orders.scope?.slowestMs ?? 0) * 2 + 1000)])
      await Promise.all([running, one(second, versions[second]).then(note(second))])
    } else await one('candidate', candidate).then(note('candidate'))
    const answered = copies.candidate!.class !== 'reset' && copies.candidate!.class !== 'timeout'
    this.counts[answered ? 'answered' : 'failed']++
    this.#record(around, job, user, copies, pair?.warm ?? false)
  }

  #record(
    around: CopyContext,
    job: MirrorJob,
    user: Outcome,
    copies: Partial<Record<Role, Outcome>>,
    warm: boolean,
  ): void {
    const candidateCopy = copies.candidate?.value
    const baselineCopy = copies.baseline?.value
    const whole = job.orders.keepAnswers ? this.#whole.take(job.orders, user, copies.candidate) : null
    if (user.value === undefined && candidateCopy === undefined && baselineCopy === undefined && !whole) return
    around.ring.push({
      ...recordOf(around.clock.now(), job.orders, job.asked, job.choice),
      user: user.value,
      ...(candidateCopy === undefined ? {} : { candidateCopy }),
      ...(baselineCopy === undefined ? {} : { baselineCopy }),
      ...(warm ? { warmup: true } : {}),
      ...(whole ? { whole } : {}),
    })
  }

  close(): void {
    this.#closed = true
    for (const { job } of this.#queue.splice(0)) job.release()
  }
}

const bodyLength = (body: Uint8Array): number | 'none' => (body.length === 0 ? 'none' : body.length)

/** The overlay of `evaluation.request` over a JSON body; any other body as it is. */
function laidOver(body: Uint8Array, orders: Orders): Uint8Array {
  const laid = orders.mirror?.overlay
  if (!laid || Object.keys(laid).length === 0 || body.length === 0) return body
  try {
    return Buffer.from(JSON.stringify(overlay(JSON.parse(Buffer.from(body).toString('utf8')), laid)))
  } catch {
    return body
  }
}

/** A pause that keeps no process alive. */
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    wait(resolve, ms).unref()
  })
