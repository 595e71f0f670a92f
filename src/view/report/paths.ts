/** Points of a strip as short SVG paths: x in whole thousandths of the width, y in tenths of a pixel. */

/** One look: x 0..1, and a value or a range. Runs never hold nulls. */
export interface Dot {
  readonly x: number
  readonly y: number
}
export interface Span {
  readonly x: number
  readonly low: number
  readonly high: number
}
type Place = readonly [number, number]

const WIDTH = 1000
const tenth = (value: number): string => String(Math.round(value * 10) / 10)

/** `M` and relative steps; rounded before they are differenced, so that nothing drifts. */
function path(places: readonly Place[]): string {
  const [first, ...rest] = places.map(([x, y]): Place => [Math.round(x * WIDTH), Math.round(y * 10)])
  if (!first) return ''
  let [px, py] = first
  const steps = rest.map(([x, y]) => {
    const step = `${x - px} ${tenth((y - py) / 10)}`
    px = x
    py = y
    return step
  })
  return `M${first[0]} ${tenth(first[1] / 10)}${steps.length > 0 ? `l${steps.join(' ')}` : ''}`
}

const columnOf = (x: number, columns: number): number => Math.min(columns - 1, Math.floor(x * columns))

function byColumn<T extends { readonly x: number }>(dots: readonly T[], columns: number): T[][] {
  const groups = new Map<number, T[]>()
  for (const dot of dots) {
    const column = columnOf(dot.x, columns)
    const group = groups.get(column)
    if (group) group.push(dot)
    else groups.set(column, [dot])
  }
  return [...groups.values()]
}

/** First, last, and of each column the least and the greatest, in their order. */
export function linePath(dots: readonly Dot[], columns: number): string {
  const kept = new Set<Dot>([dots[0]!, dots.at(-1)!])
  for (const group of byColumn(dots, columns)) {
    kept.add(group.reduce((a, b) => (b.y < a.y ? b : a)))
    kept.add(group.reduce((a, b) => (b.y > a.y ? b : a)))
  }
  return path(dots.filter((dot) => kept.has(dot)).map(({ x, y }) => [x, y]))
}

/** Outer envelope of each column. */
function envelope(spans: readonly Span[], columns: number): Span[] {
  const groups = byColumn(spans, columns)
  return groups.map((group, i) => ({
    x: i === groups.length - 1 ? group.at(-1)!.x : group[0]!.x,
    low: Math.min(...group.map((s) => s.low)),
    high: Math.max(...group.map((s) => s.high)),
  }))
}

/** A closed band between two lines. */
export function bandPath(spans: readonly Span[], columns: number): string {
  const kept = envelope(spans, columns)
  const there = kept.map(({ x, high }): Place => [x, high])
  const back = [...kept].reverse().map(({ x, low }): Place => [x, low])
  return `${path([...there, ...back])}Z`
}

/** From a line to an edge of the strip at `edge`. */
export function areaPath(dots: readonly Dot[], edge: number, columns: number): string {
  const kept = envelope(
    dots.map(({ x, y }) => ({ x, low: y, high: y })),
    columns,
  )
  const line = kept.map(({ x, low, high }): Place => [x, edge > 0 ? low : high])
  return `${path(line)}V${tenth(edge)}H${Math.round(kept[0]!.x * WIDTH)}Z`
}

/** A line that jumps: level until the next dot. */
export function stairPath(dots: readonly Dot[]): string {
  const places: Place[] = []
  for (const { x, y } of dots) {
    const last = places.at(-1)
    if (last) places.push([x, last[1]])
    places.push([x, y])
  }
  return path(places)
}

/** x as a share 0..1 in per cent with at most two decimals. */
export const percent = (x: number): string => `${Math.round(x * 10_000) / 100}%`
