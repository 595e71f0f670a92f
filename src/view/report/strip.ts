/** One gate in the timeline: both arms with their bands, the limit, doubt, and where the verdict fell. */
import { gateKind } from '../../gates/index.ts'
import { formatShare } from '../../kit/units.ts'
import { shownRate, showsGood } from '../../record/figures.ts'
import type { GateView, ReleaseView, StripPoint } from '../../record/types.ts'
import { prose } from '../escape.ts'
import { shortName } from './names.ts'
import { areaPath, bandPath, type Dot, linePath, percent, type Span } from './paths.ts'
import { apart, type Scale, shareScale } from './scale.ts'

/** What all strips share: where they stand and how finely they are drawn. */
export interface Plot {
  readonly startedAt: number
  readonly totalMs: number
  readonly columns: number
  /** A longer pause than this between two looks means that none was taken. */
  readonly gapMs: number
}
/** Where a strip lies; px. */
export interface Box {
  readonly top: number
  readonly height: number
}
interface Look extends StripPoint {
  readonly watch: boolean
}
/** Looks without a pause between them, the watch apart. */
type Run = readonly Look[]
type Arm = 'baseline' | 'candidate'

export const looksOf = (view: ReleaseView, gate: string): Look[] =>
  view.timeline.flatMap((point) => {
    const strip = point.gates[gate]
    return strip ? [{ ...strip, at: point.at, watch: point.phase === 'watch' }] : []
  })

function runsOf(looks: readonly Look[], gapMs: number, has: (look: Look) => boolean): Run[] {
  const runs: Look[][] = []
  let last: Look | null = null
  for (const look of looks) {
    if (has(look)) {
      const on = last !== null && has(last) && last.watch === look.watch && look.at - last.at <= gapMs
      if (on) runs.at(-1)!.push(look)
      else runs.push([look])
    }
    last = look
  }
  return runs
}

/** Values as views show them, and pixels. */
export class StripPen {
  readonly scale: Scale
  readonly box: Box
  readonly #plot: Plot
  readonly #good: boolean

  constructor(gate: GateView, looks: readonly Look[], plot: Plot, box: Box) {
    this.#plot = plot
    this.box = box
    this.#good = showsGood(gate.plan)
    const last = (of: (look: Look) => number | null) => looks.map(of).findLast((value) => value !== null) ?? null
    const limit = last((l) => l.limit)
    const beyond = limit === null ? null : limit + 0.4 * gate.plan.margin
    const seen = [last((l) => l.baseline), last((l) => l.candidate), limit, beyond].filter((v) => v !== null)
    this.scale = shareScale((seen.length > 0 ? seen : [0, gate.plan.margin]).map((v) => this.shown(v)))
  }

  shown(rate: number): number {
    return this.#good ? 1 - rate : rate
  }
  /** Where worse lies: the strip's foot for good shares, its head for bad ones. */
  get worseEdge(): number {
    return this.#good ? this.box.height + 2 : -2
  }
  x(at: number): number {
    return Math.min(1, Math.max(0, (at - this.#plot.startedAt) / this.#plot.totalMs))
  }
  /** Inside the strip, px from its top. */
  y(rate: number): number {
    const { low, high } = this.scale
    return this.box.height * (1 - (this.shown(rate) - low) / (high - low))
  }
  tickY(value: number): number {
    const { low, high } = this.scale
    return this.box.height * (1 - (value - low) / (high - low))
  }
}

const draw = (cls: string, d: string): string => (d === '' ? '' : `<path class="${cls}" d="${d}"/>`)

function armPaths(looks: readonly Look[], arm: Arm, pen: StripPen, plot: Plot): string {
  const cls = arm === 'baseline' ? 'b' : 'c'
  const runs = runsOf(looks, plot.gapMs, (look) => look[arm] !== null)
  let [bands, lines] = ['', '']
  let before: Look | null = null
  for (const run of runs) {
    const dots: Dot[] = run.map((l) => ({ x: pen.x(l.at), y: pen.y(l[arm]!) }))
    const spans: Span[] = run.flatMap((l) => {
      const [low, high] = [l[`${arm}Low`], l[`${arm}High`]]
      return low === null || high === null ? [] : [{ x: pen.x(l.at), low: pen.y(low), high: pen.y(high) }]
    })
    if (spans.length > 1) bands += draw(`a${cls}`, bandPath(spans, plot.columns / 2))
    lines += draw(`p${cls}`, linePath(dots, plot.columns))
    // Counts went on where no look was taken, unless the watch began anew.
    if (before !== null && before.watch === run[0]!.watch && run[0]!.at - before.at > plot.gapMs)
      lines += draw(`p${cls} dots`, linePath([{ x: pen.x(before.at), y: pen.y(before[arm]!) }, dots[0]!], plot.columns))
    before = run.at(-1)!
  }
  return bands + lines
}

function limitPaths(looks: readonly Look[], pen: StripPen, plot: Plot): string {
  const runs = runsOf(looks, Number.POSITIVE_INFINITY, (look) => look.limit !== null)
  return runs
    .filter((run) => run.length > 1)
    .map((run) => {
      const dots = run.map((l) => ({ x: pen.x(l.at), y: pen.y(l.limit!) }))
      return (
        draw('worse', areaPath(dots, pen.worseEdge, plot.columns / 2)) + draw('limit', linePath(dots, plot.columns / 2))
      )
    })
    .join('')
}

/** The strip's own drawing, clipped and stretched. */
export function stripPaths(looks: readonly Look[], pen: StripPen, plot: Plot): string {
  const { top, height } = pen.box
  const inner =
    limitPaths(looks, pen, plot) + armPaths(looks, 'baseline', pen, plot) + armPaths(looks, 'candidate', pen, plot)
  return `<svg y="${top}" width="100%" height="${height}" viewBox="0 0 1000 ${height}" preserveAspectRatio="none">${inner}</svg>\n`
}

export function stripAxis(pen: StripPen, gate: GateView): string {
  const { box, scale } = pen
  const digits = Math.max(0, Math.ceil(-Math.log10((scale.ticks[1]! - scale.ticks[0]!) * 100) - 1e-9))
  const { rate, detail } = gateKind(gate.plan.kind).words(gate.plan)
  const lines = scale.ticks.map((tick) => {
    const y = Math.round((box.top + pen.tickY(tick)) * 10) / 10
    const foot = Math.abs(y - box.top - box.height) < 0.5
    return (
      `<line class="${foot ? 'edge' : 'hair'}" x1="0" x2="100%" y1="${y}" y2="${y}"/>` +
      `<text x="0" y="${y + 4}" dx="-6" class="t end">${prose(formatShare(tick, digits))}</text>`
    )
  })
  const name = `<text x="0" y="${box.top - 6}" class="name wide">${prose(shortName(gate.plan.name, 24))} <tspan>${prose(detail ?? `share of ${rate}`)}</tspan></text>`
  return `${lines.join('')}${name}<text x="0" y="${box.top - 6}" class="name narrow">${prose(shortName(gate.plan.name, 24))}</text>\n`
}

/** Least width of a bar, as a share of the plot; the word stands from five times that. */
const BAR = 0.004

/** Bars on the foot where the gate was in doubt; those that would touch are one. */
export function doubtBars(looks: readonly Look[], pen: StripPen, plot: Plot): string {
  const { top, height } = pen.box
  const bars: { from: number; to: number }[] = []
  for (const run of runsOf(looks, plot.gapMs, (look) => look.doubt)) {
    const from = Math.min(pen.x(run[0]!.at), 1 - BAR)
    const to = Math.max(from + BAR, pen.x(run.at(-1)!.at))
    const last = bars.at(-1)
    if (last && from - last.to < BAR) last.to = to
    else bars.push({ from, to })
  }
  const named = bars.find(({ from, to }) => to - from >= 5 * BAR)
  const word = named ? `<text x="${percent(named.from)}" y="${top + height - 7}" class="t wide">doubt</text>` : ''
  return `${bars.map(({ from, to }) => `<rect class="doubt" x="${percent(from)}" width="${percent(to - from)}" y="${top + height - 2}" height="4"/>`).join('')}${word}`
}

/** Ring and tick for a pass, disc and cross for a fail, on the candidate's line. */
export function verdictMark(gate: GateView, looks: readonly Look[], pen: StripPen): string {
  const { verdict } = gate.numbers
  if (gate.decidedAt === null || (verdict !== 'pass' && verdict !== 'fail')) return ''
  const at = gate.decidedAt
  const seen = looks.filter((l) => l.candidate !== null)
  const look = seen.findLast((l) => l.at <= at) ?? seen[0]
  if (!look) return ''
  const { top, height } = pen.box
  const x = percent(pen.x(at))
  const inside = Math.min(height, Math.max(0, pen.y(look.candidate!)))
  const y = Math.round((top + inside) * 10) / 10
  const late = pen.x(at) > 0.85
  const label = inside < 22 ? y + 22 : y - 12
  const shape =
    verdict === 'pass'
      ? `<circle class="ring" cx="${x}" cy="${y}" r="7"/><svg class="over" x="${x}" y="${y}"><path class="tick" d="M-3.2 .2L-.8 2.8L3.4-2.6"/></svg>`
      : `<circle class="disc" cx="${x}" cy="${y}" r="8"/><svg class="over" x="${x}" y="${y}"><path class="cross" d="M-3-3L3 3M3-3L-3 3"/></svg>`
  return `${shape}<text x="${x}" y="${label}" dx="${late ? -12 : 12}" class="v${late ? ' end' : ''}">${verdict}</text>\n`
}

interface Label {
  readonly y: number
  readonly cls: string
  readonly wide: string
  readonly narrow: string
}

/** Arms and limit, named at their right end; an arm that ends earlier is named there. */
export function endLabels(view: ReleaseView, gate: GateView, looks: readonly Look[], pen: StripPen): string {
  const end = looks.at(-1)
  if (!end) return ''
  const { top, height } = pen.box
  const labels: Label[] = []
  let early = ''
  for (const arm of ['baseline', 'candidate'] as const) {
    const last = looks.findLast((l) => l[arm] !== null)
    const name = arm === 'baseline' ? view.baseline?.name : view.candidate.name
    if (!last || name === undefined) continue
    const value = shownRate(gate.plan, last[arm])
    const wide = `${shortName(name)} ${value}`
    const cls = arm === 'baseline' ? 'tb' : 'tc'
    const y = top + pen.y(last[arm]!)
    const head = Math.min(
      pen.y(last[arm]!),
      pen.y(last.candidateHigh ?? last[arm]!),
      pen.y(last.candidateLow ?? last[arm]!),
    )
    if (pen.x(end.at) - pen.x(last.at) > 0.05)
      early += `<text x="${percent(pen.x(last.at))}" y="${Math.round(Math.max(top + 10, top + head - 6))}" dx="-4" class="${cls} end wide">${prose(wide)}</text>`
    else labels.push({ y: y + 4, cls, wide, narrow: name.length > 4 ? value : wide })
  }
  const limit = looks.findLast((l) => l.limit !== null)?.limit
  if (limit !== undefined && limit !== null) {
    const value = shownRate(gate.plan, Math.min(1, limit))
    const good = showsGood(gate.plan)
    const wide = `allowed ${good ? 'from' : 'to'} ${value}`
    labels.push({ y: top + pen.y(limit) + 4, cls: 't', wide, narrow: `${good ? 'min' : 'max'} ${value}` })
  }
  const text = (l: Label, y: number, show: 'wide' | 'narrow' | '', words: string) =>
    `<text x="100%" y="${Math.round(y * 10) / 10}" dx="8" class="${l.cls}${show === '' ? '' : ` ${show}`}">${prose(words)}</text>`
  const placed = apart(labels, 14, top + 4, top + height + 4)
  return `${early}${placed.map((l) => (l.wide === l.narrow ? text(l, l.y, '', l.wide) : text(l, l.y, 'wide', l.wide) + text(l, l.y, 'narrow', l.narrow))).join('')}\n`
}
