/** Graphics cards of this machine by `nvidia-smi`, and who gets which. */
import { execFile } from 'node:child_process'

export interface Card {
  readonly index: number
  /** `GPU-…`; CUDA_VISIBLE_DEVICES takes it, whatever order the driver counts in. */
  readonly uuid: string
  readonly memoryBytes: number
  /** Measured, by whomever. */
  readonly usedBytes: number
}

export interface Gpus {
  /** Empty where there is no card or no driver. */
  cards(): Promise<readonly Card[]>
}

/** What somebody got: whole cards, or `bytes` of one card. */
export interface Dealt {
  readonly cards: readonly string[]
  readonly bytes: number | null
  /** For a share: bytes that others held on the card before we dealt of it. */
  readonly others: number
}

export type GpuNeed = { readonly cards: number } | { readonly memoryBytes: number }

const MIB = 2 ** 20
// A desktop or a driver holds a little memory on a card that nobody computes on.
const IDLE_BYTES = 512 * MIB

/** Lines of `--query-gpu=index,uuid,memory.total,memory.used --format=csv,noheader,nounits` (MiB). */
export function parseCards(lines: string): readonly Card[] {
  return lines.split('\n').flatMap((line): Card[] => {
    const [index = '', uuid = '', total = '', used = ''] = line.split(',').map((part) => part.trim())
    if (!/^\d+$/.test(index) || uuid === '' || !/^\d+$/.test(total)) return []
    return [{ index: Number(index), uuid, memoryBytes: Number(total) * MIB, usedBytes: (Number(used) || 0) * MIB }]
  })
}

/** Asks `nvidia-smi` of this PATH. */
export function nvidiaSmi(path: string | undefined): Gpus {
  const args = ['--query-gpu=index,uuid,memory.total,memory.used', '--format=csv,noheader,nounits']
  return {
    cards: () =>
      new Promise((settle) => {
        execFile('nvidia-smi', args, { timeout: 10_000, env: { PATH: path ?? '' } }, (error, stdout) =>
          settle(error === null ? parseCards(stdout) : []),
        )
      }),
  }
}

const othersOn = (card: Card, here: readonly Dealt[]): number =>
  here.length === 0 ? card.usedBytes : Math.max(...here.map((deal) => deal.others))

/**
 * Bytes of a card that may still be promised; 0 where somebody has it whole. What is promised may not be taken yet, and what
 * is measured may be more than was promised: the larger counts.
 */
export function freeOn(card: Card, dealt: readonly Dealt[]): number {
  const here = dealt.filter((deal) => deal.cards.includes(card.uuid))
  if (here.some((deal) => deal.bytes === null)) return 0
  const promised = here.reduce((sum, deal) => sum + (deal.bytes ?? 0), 0)
  return Math.max(0, card.memoryBytes - Math.max(card.usedBytes, promised + othersOn(card, here)))
}

/** Cards that can be given whole. */
export const wholeCards = (cards: readonly Card[], dealt: readonly Dealt[]): readonly Card[] =>
  cards.filter((card) => card.usedBytes <= IDLE_BYTES && !dealt.some((deal) => deal.cards.includes(card.uuid)))

/** Deals whole cards, or a share of the fullest card that has room; null: it does not fit. */
export function deal(need: GpuNeed, cards: readonly Card[], dealt: readonly Dealt[]): Dealt | null {
  if ('cards' in need) {
    const free = wholeCards(cards, dealt)
    if (free.length < need.cards) return null
    return { cards: free.slice(0, need.cards).map((card) => card.uuid), bytes: null, others: 0 }
  }
  const [best] = cards
    .map((card) => ({ card, free: freeOn(card, dealt) }))
    .filter(({ free }) => free >= need.memoryBytes)
    .sort((a, b) => a.free - b.free)
  if (best === undefined) return null
  const here = dealt.filter((other) => other.cards.includes(best.card.uuid))
  return { cards: [best.card.uuid], bytes: need.memoryBytes, others: othersOn(best.card, here) }
}
