/** The timeline of a release: one clock, the traffic, and a strip for each gate that decides. */
import { formatShare } from '../../kit/units.ts'
import { shownRate, spokenTime } from '../../record/figures.ts'
import { headline } from '../../record/headline.ts'
import { stepName } from '../../record/sentences.ts'
import type { GateView, ReleaseView } from '../../record/types.ts'
import { escaped, prose } from '../escape.ts'
import { verdictWord, worstFirst } from '../gate-figures.ts'
import { events, type Placed } from './events.ts'
import { shortName } from './names.ts'
import { percent, stairPath } from './paths.ts'
import { timeTicks } from './scale.ts'
import { type Stretch, stretches } from './steps.ts'
import { doubtBars, endLabels, looksOf, type Plot, StripPen, stripAxis, stripPaths, verdictMark } from './strip.ts'
import { CHART_STYLE } from './style.ts'

const TRAFFIC = 52
const LANE = 17
/** Letters of 7.5 px on plots of 600 px, and of 205 on narrow screens. */
const WIDE_LETTER = 7.5 / 600
const NARROW_LETTER = 7.5 / 205

/** Gates with a strip: those that decide by traffic, worst first. */
const stripGates = (view: ReleaseView): GateView[] =>
  worstFirst(view).filter(
    ({ plan }) => plan.decides && view.timeline.some((point) => Object.hasOwn(point.gates, plan.name)),
  )

function plotOf(view: ReleaseView, columns: number): Plot {
  const end = Math.max(view.endedAt ?? view.now, view.timeline.at(-1)?.at ?? 0)
  const between = view.timeline.slice(1).map((point, i) => point.at - view.timeline[i]!.at)
  const middle = [...between].sort((a, b) => a - b)[Math.floor(between.length / 2)] ?? 250
  return {
    startedAt: view.startedAt,
    totalMs: Math.max(1000, end - view.startedAt),
    columns,
    gapMs: Math.max(1500, 4 * middle),
  }
}

/** Stretches in which release time stood still: ms since the start. Once it is over there is no release time. */
function stopped(view: ReleaseView, plot: Plot): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  const first = view.timeline[0]
  if (first) found.push({ from: 0, to: Math.max(0, first.at - plot.startedAt) })
  for (const [i, point] of view.timeline.entries()) {
    const next = view.timeline[i + 1]
    if (!next || next.phase === 'end') break
    const still = point.still || next.clockMs - point.clockMs < (next.at - point.at) / 2
    if (!still) continue
    const [from, to] = [point.at - plot.startedAt, next.at - plot.startedAt]
    const last = found.at(-1)
    if (last && from - last.to < 1) last.to = to
    else found.push({ from, to })
  }
  return found.filter(({ from, to }) => to - from >= plot.totalMs / 500)
}

function stretchNames(view: ReleaseView, { step, kind }: Stretch): readonly [string, string] {
  const [c, b] = [shortName(view.candidate.name), shortName(view.baseline?.name ?? 'nobody')]
  if (kind === 'start') return ['start and sets', 'start']
  if (kind === 'end')
    return [view.outcome === 'promoted' ? c : `users back on ${b}`, view.outcome === 'promoted' ? c : b]
  if (kind === 'watch') return [`watch: everyone gets ${c}`, 'watch']
  const planned = view.plan.steps[step]
  if (planned?.kind === 'shadow') return [`shadow: ${c} gets copies, users see ${b} only`, 'shadow']
  if (planned?.kind === 'canary') return [stepName(planned), formatShare(planned.weightPpm / 1_000_000, 0)]
  return [stepName(planned), stepName(planned)]
}

function stepMarks(view: ReleaseView, plot: Plot, bottom: number): string {
  return stretches(view)
    .map((stretch, i) => {
      const from = stretch.from / plot.totalMs
      if (from > 0.99) return ''
      const room = (stretch.to - stretch.from) / plot.totalMs
      const [long, short] = stretchNames(view, stretch)
      const fits = (text: string, letter: number) => (text.length + 1) * letter <= room
      const wide = fits(long, WIDE_LETTER) ? long : fits(short, WIDE_LETTER) ? short : ''
      const narrow = fits(short, NARROW_LETTER) ? short : ''
      const x = percent(from)
      const text = (show: string, words: string) =>
        words === '' ? '' : `<text x="${x}" y="14" dx="${i === 0 ? 0 : 5}" class="v ${show}">${prose(words)}</text>`
      const line = i === 0 ? '' : `<line class="cut" x1="${x}" x2="${x}" y1="3" y2="${bottom}"/>`
      return line + text('wide', wide) + text('narrow', narrow)
    })
    .join('')
}

function eventMarks(placed: readonly Placed[], plot: Plot): string {
  return placed
    .map(({ from, to, text, lane, left, number }) => {
      const y = 30 + lane * LANE
      const [x1, x2] = [percent(from / plot.totalMs), percent(to / plot.totalMs)]
      const mark =
        to > from
          ? `<line class="mark" x1="${x1}" x2="${x2}" y1="${y}" y2="${y}"/>`
          : `<circle class="spot" cx="${x1}" cy="${y}" r="3"/>`
      const words = `<text x="${left ? x1 : x2}" y="${y + 4}" dx="${left ? -8 : 8}" class="t wide${left ? ' end' : ''}">${prose(text)}</text>`
      return `${mark}${words}<text x="${x2}" y="${y + 4}" dx="7" class="t narrow">${number}</text>\n`
    })
    .join('')
}

function traffic(view: ReleaseView, plot: Plot, top: number): string {
  const [c, b] = [shortName(view.candidate.name), shortName(view.baseline?.name ?? 'nobody')]
  const changes = view.timeline.filter((point, i) => i === 0 || point.weightPpm !== view.timeline[i - 1]!.weightPpm)
  const y = (ppm: number) => TRAFFIC * (1 - ppm / 1_000_000)
  const x = (at: number) => Math.min(1, Math.max(0, (at - plot.startedAt) / plot.totalMs))
  const dots = [
    { x: 0, y: y(changes[0] && x(changes[0].at) < 0.001 ? changes[0].weightPpm : 0) },
    ...changes.map((point) => ({ x: x(point.at), y: y(point.weightPpm) })),
    { x: 1, y: y(view.weightPpm) },
  ]
  const line = stairPath(dots)
  const steps = changes.flatMap((point, i) => {
    const room = ((changes[i + 1]?.at ?? plot.startedAt + plot.totalMs) - point.at) / plot.totalMs
    const words = `${c} ${formatShare(point.weightPpm / 1_000_000, 0)}`
    if (point.weightPpm === 0 || room < words.length * WIDE_LETTER || x(point.at) + room > 0.97) return []
    const above = point.weightPpm < 700_000
    return `<text x="${percent(x(point.at))}" y="${top + y(point.weightPpm) + (above ? -6 : 15)}" dx="5" class="tc wide">${prose(words)}</text>`
  })
  const share = view.weightPpm / 1_000_000
  const upper = share > 0.5
  const label = (text: string, cls: string, place: number) =>
    `<text x="100%" y="${place}" dx="8" class="${cls}">${prose(text)}</text>`
  return `<line class="hair" x1="0" x2="100%" y1="${top}" y2="${top}"/><line class="edge" x1="0" x2="100%" y1="${top + TRAFFIC}" y2="${top + TRAFFIC}"/>
<svg y="${top}" width="100%" height="${TRAFFIC}" viewBox="0 0 1000 ${TRAFFIC}" preserveAspectRatio="none"><path class="ac" d="${line}V${TRAFFIC}H0Z"/><path class="pc" d="${line}"/></svg>
<text x="0" y="${top - 5}" class="name wide">traffic <tspan>users’ requests answered by ${prose(c)}</tspan></text><text x="0" y="${top - 5}" class="name narrow">traffic</text>
<text x="0" y="${top + TRAFFIC + 4}" dx="-6" class="t end">0\u00a0%</text><text x="0" y="${top + 4}" dx="-6" class="t end">100\u00a0%</text>
${steps.join('')}${label(`${c} ${formatShare(share, 0)}`, 'tc', upper ? top + 8 : top + TRAFFIC)}${view.baseline ? label(`${b} ${formatShare(1 - share, 0)}`, 'tb', upper ? top + TRAFFIC : top + 8) : ''}
`
}

/** The story in words, for those who cannot see it. */
function story(view: ReleaseView, plot: Plot): string {
  const parts = stretches(view).map((s) => `${stretchNames(view, s)[0]}, ${spokenTime(s.from)} to ${spokenTime(s.to)}`)
  const gates = stripGates(view).map((gate) => {
    const { baselineRate, candidateRate } = gate.numbers
    return `${gate.plan.name}: ${view.candidate.name} ${shownRate(gate.plan, candidateRate)}, baseline ${shownRate(gate.plan, baselineRate)}, ${verdictWord(gate)}`
  })
  return `${headline(view)}. ${spokenTime(plot.totalMs)} in all. ${[...parts, ...gates].join('. ')}.`
}

export interface Timeline {
  /** Inside of the SVG, without its element. */
  readonly body: string
  readonly height: number
  readonly placed: readonly Placed[]
}

/** `columns`: how finely lines are drawn; 220 where there is room. */
export function timeline(view: ReleaseView, columns = 220): Timeline {
  const plot = plotOf(view, columns)
  const placed = events(view, plot.totalMs)
  const lanes = Math.max(0, ...placed.map(({ lane }) => lane + 1))
  const top = 42 + lanes * LANE + (lanes > 0 ? 3 : 0)
  const gates = stripGates(view)
  const blamed = view.cause?.kind === 'gate' ? view.cause.gate : null
  const height = Math.min(150, Math.max(44, Math.floor(220 / Math.max(1, gates.length))))
  let bottom = top + TRAFFIC
  const strips = gates.map((gate) => {
    const tall = gate.plan.name === blamed && gates.length > 1 ? Math.round(height * 1.5) : height
    const box = { top: bottom + 27, height: tall }
    bottom = box.top + tall
    const looks = looksOf(view, gate.plan.name)
    const pen = new StripPen(gate, looks, plot, box)
    const under = stripAxis(pen, gate) + stripPaths(looks, pen, plot) + doubtBars(looks, pen, plot)
    const empty = looks.every((l) => l.candidate === null)
      ? `<text x="0" y="${box.top + tall / 2 + 4}" dx="5" class="t">too few answers to draw</text>`
      : ''
    return under + empty + verdictMark(gate, looks, pen) + endLabels(view, gate, looks, pen)
  })
  const columnsStopped = stopped(view, plot).map(
    ({ from, to }) =>
      `<rect class="stop" x="${percent(from / plot.totalMs)}" width="${percent((to - from) / plot.totalMs)}" y="${top - 18}" height="${bottom - top + 18}"/>`,
  )
  const ticks = timeTicks(plot.totalMs).map(({ at, label }, i) => {
    const x = percent(at / plot.totalMs)
    return `<line class="edge" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 4}"/><text x="${x}" y="${bottom + 17}" class="t${i === 0 ? '' : ' mid'}${i % 2 === 1 ? ' wide' : ''}">${label}</text>`
  })
  const body = [
    `<title id="tl-t">Timeline of ${escaped(view.release)}</title><desc id="tl-d">${prose(story(view, plot))}</desc>\n`,
    columnsStopped.join(''),
    traffic(view, plot, top),
    ...strips,
    stepMarks(view, plot, bottom),
    eventMarks(placed, plot),
    ticks.join(''),
  ].join('')
  return { body, height: bottom + 23, placed }
}

/** The timeline as a file of its own, 1080 px wide. */
export function timelineSvg(view: ReleaseView): string {
  const { body, height } = timeline(view)
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="tl-t tl-d" width="1080" height="${height + 8}"><style>${CHART_STYLE}</style><rect width="100%" height="100%" fill="var(--paper)"/><svg class="tl" x="52" y="4" width="890" height="${height}">${body}</svg></svg>\n`
}
