/** Axes: round steps of values and of time. Pure. */

export interface Scale {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

const MOST_TICKS = 4

/** From the values that must be seen to a range of shares with at most four ticks at 1, 2 or 5 of a power of ten. */
export function shareScale(values: readonly number[]): Scale {
  const least = Math.max(0, Math.min(...values))
  const most = Math.min(1, Math.max(...values))
  for (let power = -4; power <= 0; power++)
    for (const lead of [1, 2, 5]) {
      const step = lead * 10 ** power
      const from = Math.floor(least / step + 1e-9)
      const to = Math.max(from + 1, Math.ceil(most / step - 1e-9))
      // A range that would pass 100 % begins a step earlier instead.
      const over = to * step > 1 + 1e-9 ? 1 : 0
      const [low, high] = [from - over, to - over]
      if (high - low + 1 > MOST_TICKS || low < 0) continue
      const ticks = Array.from({ length: high - low + 1 }, (_, i) => (low + i) * step)
      return { low: low * step, high: high * step, ticks }
    }
  return { low: 0, high: 1, ticks: [0, 0.5, 1] }
}

const S = 1000
const MIN = 60 * S
const H = 60 * MIN
const TIMES: readonly [number, string, number][] = [
  ...[1, 2, 5, 10, 15, 30].map((n): [number, string, number] => [n * S, 's', S]),
  ...[1, 2, 5, 10, 15, 30].map((n): [number, string, number] => [n * MIN, 'min', MIN]),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 192].map((n): [number, string, number] => [n * H, 'h', H]),
]
const MOST_TIMES = 7

/** Ticks of a time axis with at most seven of them, each with its unit. */
export function timeTicks(totalMs: number): readonly { readonly at: number; readonly label: string }[] {
  const [step, unit, size] = TIMES.find(([ms]) => Math.floor(totalMs / ms) + 1 <= MOST_TIMES) ?? TIMES.at(-1)!
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, i) => ({
    at: i * step,
    label: `${(i * step) / size}\u00a0${unit}`,
  }))
}

/** Texts that want to stand at `y`, moved so that they are `gap` apart and within the strip; keeps their order. */
export function apart<T extends { readonly y: number }>(
  wanted: readonly T[],
  gap: number,
  top: number,
  bottom: number,
): T[] {
  const sorted = [...wanted].sort((a, b) => a.y - b.y)
  const places = sorted.map(({ y }) => Math.min(bottom, Math.max(top, y)))
  for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i]!, places[i - 1]! + gap)
  const over = (places.at(-1) ?? bottom) - bottom
  if (over > 0)
    for (let i = places.length - 1; i >= 0; i--) places[i] = Math.min(places[i]!, (places[i + 1] ?? bottom + gap) - gap)
  return sorted.map((one, i) => ({ ...one, y: places[i]! }))
}
