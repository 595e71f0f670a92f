/** Users of a scenario: requests leave on schedule whatever the servers do, and each answer is kept with its moment. */
import { Agent, request } from 'node:http'
import { within } from './waits.ts'

export interface Answered {
  /** ms since the users began: when it left, and when its answer ended. */
  readonly sent: number
  readonly ended: number
  readonly status: number | null
  /** Why there was no answer; null: there was one. */
  readonly fault: string | null
  /** x-slipway-version, and x-slipway-request-id. */
  readonly version: string | null
  readonly id: string | null
}
export interface UsersOptions {
  readonly url: string
  /** Requests per second. */
  readonly rate: number
  readonly timeoutMs?: number
  /** Called with each answer. */
  onAnswer?(answer: Answered, x: number): void
}
export interface Users {
  /** What they ask for; null: 0 to 10 in turn. */
  x: number | null
  readonly answers: readonly Answered[]
  /** ms since they began. */
  now(): number
  /** Resolves after so many more answers; rejects where they take many times as long as they should. */
  more(count: number): Promise<void>
  /** No new request; resolves when every open one has ended. */
  stop(): Promise<readonly Answered[]>
}
const EVERY_MS = 5
/** How long nobody may be answered, as in a swap. */
const SLACK_MS = 30_000

/** Begins to send `POST /predict {"x": 0..10}`. */
export function begin({ url, rate, timeoutMs = 30_000, onAnswer }: UsersOptions): Users {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  const began = performance.now()
  const now = () => performance.now() - began
  const answers: Answered[] = []
  let [sent, open, over] = [0, 0, false]
  let idle: () => void = () => {}
  const waiting: { at: number; wake: () => void }[] = []

  function end(answer: Answered, x: number): void {
    answers.push(answer)
    onAnswer?.(answer, x)
    open -= 1
    while (waiting[0] && waiting[0].at <= answers.length) waiting.shift()!.wake()
    if (over && open === 0) idle()
  }
  function one(x: number): void {
    open += 1
    const left = now()
    const body = JSON.stringify({ x })
    let done = false
    const finish = (rest: Omit<Answered, 'sent' | 'ended'>) => {
      if (done) return
      done = true
      end({ sent: left, ended: now(), ...rest }, x)
    }
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request(`${url}/predict`, { method: 'POST', agent, headers, timeout: timeoutMs }, (response) => {
      const version = (response.headers['x-slipway-version'] as string | undefined) ?? null
      const id = (response.headers['x-slipway-request-id'] as string | undefined) ?? null
      response.on('error', (error) => finish({ status: null, fault: error.message, version, id }))
      response.on('end', () => finish({ status: response.statusCode ?? null, fault: null, version, id }))
      response.resume()
    })
    asked.on('timeout', () => asked.destroy(new Error('timeout')))
    asked.on('error', (error: NodeJS.ErrnoException) =>
      finish({ status: null, fault: error.code ?? error.message, version: null, id: null }),
    )
    asked.end(body)
  }
  const timer = setInterval(() => {
    for (const due = (now() * rate) / 1000; sent < due; sent++) one(made.x ?? sent % 11)
  }, EVERY_MS)
  const made: Users = {
    x: null,
    answers,
    now,
    more(count) {
      const more = new Promise<void>((wake) => waiting.push({ at: answers.length + count, wake }))
      const told = () =>
        `at ${rate} a second; ${answers.length} came, ${open} are open: ${JSON.stringify(faults(answers))}`
      return within(`${count} more answers`, SLACK_MS + (5000 * count) / rate, more, told)
    },
    async stop() {
      clearInterval(timer)
      over = true
      if (open > 0)
        await new Promise<void>((resolve) => {
          idle = resolve
        })
      agent.destroy()
      return answers
    },
  }
  return made
}

/** Answers that no user should get: no answer, or a status that is no 2xx. */
export const lost = (answers: readonly Answered[]): readonly Answered[] =>
  answers.filter(({ status }) => status === null || status < 200 || status > 299)

/** How often each of them happened. */
export function faults(answers: readonly Answered[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, fault } of lost(answers)) {
    const name = fault ?? String(status)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
