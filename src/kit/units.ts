/** Durations, shares, differences and sizes as slipway.yaml writes them, and back. */

const DURATION = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SIZE = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, kB: 1e3, MB: 1e6, GB: 1e9 } as const

/** `250ms 10s 5m 2h` or a sum such as `1m30s`; milliseconds, or undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(number) * DURATION[unit as keyof typeof DURATION]
  return total
}

/** `5%` as a share 0..1; undefined where it is none. */
export function parseShare(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s?%$/.exec(text)
  return match ? Number(match[1]) / 100 : undefined
}

/** `1pp` (percentage points) as a difference of shares. */
export function parseDifference(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s?pp$/.exec(text)
  return match ? Number(match[1]) / 100 : undefined
}

/** `2GiB` in bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s?(B|KiB|MiB|GiB|TiB|kB|MB|GB)$/.exec(text)
  return match ? Math.round(Number(match[1]) * SIZE[match[2] as keyof typeof SIZE]) : undefined
}

/** 90_000 -> `1m30s`; the shortest text that parses back to the same number of whole milliseconds. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms)
  if (rest === 0) return '0s'
  let text = ''
  for (const unit of ['h', 'm', 's', 'ms'] as const) {
    const size = DURATION[unit]
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}

/** Bytes for people: 1536 -> `1.5 KiB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`
}

/** A share 0..1 in per cent: 0.0512 -> `5.1 %`. */
export const formatShare = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`

/** Thousands separated: 1234 -> `1,234`. */
export const formatCount = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
