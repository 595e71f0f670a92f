/** What this machine has left, and whether versions fit on it at once. */
import { readFileSync } from 'node:fs'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import type { LimitsKind } from '../../../io/limits.ts'
import { formatSize } from '../../../kit/units.ts'
import type { ServeOrder } from '../../contract.ts'
import { type Card, type Dealt, deal, freeOn, wholeCards } from '../gpus.ts'

export interface CardState extends Card {
  /** Bytes that may still be promised. */
  readonly freeBytes: number
  /** It can be given whole. */
  readonly whole: boolean
}

export interface Capacity {
  readonly memoryBytes: number
  /** For processes yet to start: free memory less what running versions may still grow to. */
  readonly availableBytes: number
  readonly cores: number
  readonly cards: readonly CardState[]
  readonly limits: LimitsKind
}

export type Fit =
  | { readonly fits: true }
  | {
      readonly fits: false
      /** Sentences, each with its numbers. */
      readonly lacks: readonly string[]
      /** What a person can do, `swap` first. */
      readonly waysOut: readonly string[]
    }

const numberIn = (file: string, pattern: RegExp): number | null => {
  try {
    const match = pattern.exec(readFileSync(file, 'utf8'))
    return match ? Number(match[1]) : null
  } catch {
    return null
  }
}

/** Memory of the machine, or of the container around us, and what of it is free: files that are only cached count as free. */
export function memoryOfMachine(root = '/sys/fs/cgroup'): { readonly total: number; readonly free: number } {
  const total = totalmem()
  const free = freemem()
  for (const [folder, limitFile, usedFile, cached] of [
    [root, 'memory.max', 'memory.current', /^inactive_file (\d+)/m],
    [join(root, 'memory'), 'memory.limit_in_bytes', 'memory.usage_in_bytes', /^total_inactive_file (\d+)/m],
  ] as const) {
    const limit = numberIn(join(folder, limitFile), /^(\d+)/)
    const used = numberIn(join(folder, usedFile), /^(\d+)/)
    if (limit === null || used === null || limit >= total) continue
    const room = limit - used + (numberIn(join(folder, 'memory.stat'), cached) ?? 0)
    return { total: limit, free: Math.max(0, Math.min(free, room)) }
  }
  return { total, free }
}

export const coresOfMachine = (): number => availableParallelism()

/** Cards with what is left of them. */
export const cardStates = (cards: readonly Card[], dealt: readonly Dealt[]): readonly CardState[] => {
  const whole = new Set(wholeCards(cards, dealt).map((card) => card.uuid))
  return cards.map((card) => ({ ...card, freeBytes: freeOn(card, dealt), whole: whole.has(card.uuid) }))
}

const SWAP = 'release by `swap`: under release.steps, `- swap: {}`'

/** Judges orders that do not run yet against what is left, and all orders against each other's fixed ports. */
export function judgeFit(
  orders: readonly ServeOrder[],
  fresh: readonly ServeOrder[],
  capacity: Pick<Capacity, 'memoryBytes' | 'availableBytes' | 'cards'>,
  dealt: readonly Dealt[],
): Fit {
  const lacks: string[] = []
  const waysOut = new Set<string>([SWAP])
  const need = fresh.reduce((sum, { run }) => sum + (run.memoryBytes ?? 0) * run.replicas, 0)
  if (need > capacity.availableBytes) {
    lacks.push(
      `memory: ${formatSize(need)} needed, ${formatSize(Math.max(0, capacity.availableBytes))} of ${formatSize(capacity.memoryBytes)} left`,
    )
    waysOut.add('give each version less: serving.resources.memory, or fewer serving.replicas')
  }
  const cardLack = lackOfCards(fresh, capacity.cards, dealt)
  if (cardLack !== null) {
    lacks.push(cardLack)
    waysOut.add('let versions share a card: serving.resources.gpu: {memory: …}')
  }
  const ports = orders.flatMap(({ run }) => (run.port === null ? [] : [run.port]))
  const twice = ports.find((port, k) => ports.indexOf(port) !== k)
  if (twice !== undefined) {
    lacks.push(`port ${twice}: serving.port is the same for both versions`)
    waysOut.add('pass the port to the server as {port} instead of serving.port')
  }
  if (lacks.length === 0) return { fits: true }
  if (lacks.length > 1 || twice === undefined) waysOut.add('stop what else runs here: `slipway local status`')
  return { fits: false, lacks, waysOut: [...waysOut] }
}

function lackOfCards(
  fresh: readonly ServeOrder[],
  cards: readonly CardState[],
  dealt: readonly Dealt[],
): string | null {
  const given = [...dealt]
  for (const { run } of fresh) {
    for (let replica = 0; run.gpu !== null && replica < run.replicas; replica++) {
      const got = deal(run.gpu, cards, given)
      if (got !== null) given.push(got)
      else if ('cards' in run.gpu)
        return `cards: ${run.gpu.cards * run.replicas} whole needed, ${wholeCards(cards, dealt).length} of ${cards.length} free`
      else return `card memory: ${formatSize(run.gpu.memoryBytes)} needed, no card has it left (${roomOn(cards)})`
    }
  }
  return null
}

const roomOn = (cards: readonly CardState[]): string =>
  cards.length === 0
    ? 'none was found'
    : cards.map((card) => `card ${card.index}: ${formatSize(card.freeBytes)}`).join(', ')
