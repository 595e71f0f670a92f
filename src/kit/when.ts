/** Points in time as text, from milliseconds since 1970 (UTC), without a clock. */

/** Year, month, day of a day number since 1970-01-01 (days-from-civil arithmetic, H. Hinnant 2013). */
function civil(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const month = mp < 10 ? mp + 3 : mp - 9
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 }
}

const two = (n: number): string => String(n).padStart(2, '0')

/** `2026-11-25T14:51:12Z` */
export function isoTime(ms: number): string {
  const { year, month, day } = civil(Math.floor(ms / 86_400_000))
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clockTime(ms)}Z`
}

/** `14:51:12`, UTC */
export function clockTime(ms: number): string {
  const s = Math.floor((((ms % 86_400_000) + 86_400_000) % 86_400_000) / 1000)
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}
