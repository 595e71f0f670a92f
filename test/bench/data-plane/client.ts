/** A caller that costs little: kept connections, one request on each at a time, bytes made beforehand. */
import { connect, type Socket } from 'node:net'

const BODY = JSON.stringify({ pixels: Array.from({ length: 64 }, () => 0.5) })
const REQUEST = Buffer.from(
  `POST /predict HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
)

/** Calls back at the end of each answer; the answers of this bench have a content-length. */
class Caller {
  readonly #socket: Socket
  #done: (() => void) | null = null
  #text = ''

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (chunk: string) => this.#received(chunk))
    this.#socket.on('error', (error) => {
      throw error
    })
  }

  #received(chunk: string): void {
    this.#text += chunk
    const head = this.#text.indexOf('\r\n\r\n')
    if (head < 0) return
    if (!this.#text.startsWith('HTTP/1.1 200')) throw new Error(`not a 200: ${this.#text.slice(0, 200)}`)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1])
    if (this.#text.length < head + 4 + length) return
    this.#text = ''
    const done = this.#done
    this.#done = null
    done?.()
  }

  send(done: () => void): void {
    this.#done = done
    this.#socket.write(REQUEST)
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Requests per second of so many connections that each send as soon as they can. */
export async function closedLoop(port: number, connections: number, ms: number): Promise<number> {
  const callers = Array.from({ length: connections }, () => new Caller(port))
  let count = 0
  let stop = false
  for (const caller of callers) {
    const next = () => {
      count++
      if (!stop) caller.send(next)
    }
    caller.send(next)
  }
  await pause(ms / 4)
  count = 0
  const begun = performance.now()
  await pause(ms)
  const rate = (count * 1000) / (performance.now() - begun)
  stop = true
  for (const caller of callers) caller.close()
  return rate
}

/**
 * Latencies (ms) at a fixed rate, whatever the other side does. From the moment of sending: a timer is late by up to a
 * millisecond, which is more than what is measured.
 */
export async function openLoop(port: number, rate: number, ms: number): Promise<number[]> {
  const free: Caller[] = []
  const latencies: number[] = []
  const all = Math.floor((rate * ms) / 1000)
  const begun = performance.now()
  let sent = 0
  await new Promise<void>((resolve) => {
    const turn = () => {
      while (sent < all && begun + (sent * 1000) / rate <= performance.now()) {
        sent++
        const caller = free.pop() ?? new Caller(port)
        const at = performance.now()
        caller.send(() => {
          latencies.push(performance.now() - at)
          free.push(caller)
          if (latencies.length === all) resolve()
        })
      }
      if (sent < all) setTimeout(turn, 1)
    }
    turn()
  })
  for (const caller of free) caller.close()
  return latencies
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
