/** What `release watch` shows of a release at one moment: lines for a terminal. */
import { gateKind } from '../gates/index.ts'
import { paint, type Screen } from '../kit/screen.ts'
import { visible } from '../kit/text.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import { clockTime } from '../kit/when.ts'
import { NONE, span, timeLeft } from '../record/figures.ts'
import { stepName } from '../record/sentences.ts'
import type { GateView, ReleaseView } from '../record/types.ts'
import { stillNeeded } from '../record/what-next.ts'
import { columnsOf, cut, padded, rightAligned, shownOn, wrapped } from './columns.ts'
import { type GateFigures, gateFigures } from './gate-figures.ts'

/** What the keys are doing. */
export interface Talk {
  /** "abort?" was asked and y or n is awaited. */
  readonly asking: boolean
  /** What came of the last key; null: nothing to say. */
  readonly said: string | null
}

const BAR = 20
const SHORT_BAR = 8
/** Columns of: gate, share, count, share, count, difference, allowed. */
const WIDTHS = { name: 10, rate: 8, count: 7, interval: 20, allowed: 12 } as const
/** Narrower screens leave out counts, then what is allowed, the interval, the baseline, the candidate; never the verdict. */
const COUNTS_FROM = 92
const ALLOWED_FROM = 72
const INTERVAL_FROM = 66
const BASELINE_FROM = 42
const CANDIDATE_FROM = 32

function place(view: ReleaseView): string {
  if (view.status === 'concluded') return view.outcome ?? 'over'
  if (view.phase === 'start') return 'starting'
  if (view.phase === 'sets') return 'asking the evaluation sets'
  if (view.phase === 'end') return 'ending'
  const step = stepName(view.plan.steps[view.step])
  return view.phase === 'watch' ? `${step}, watched` : step
}

function header(view: ReleaseView, width: number, screen: Screen): string {
  const watching = view.phase === 'watch'
  const [done, of] = watching ? [view.stepElapsedMs, view.stepForMs] : [view.clockMs, view.plan.horizonMs]
  const parts = [
    visible(view.release),
    place(view),
    `step ${view.step + 1} of ${view.plan.steps.length}`,
    `${span(Math.min(done, of))} of ${span(of)}`,
  ]
  if (view.status === 'paused' || view.status === 'held') parts.splice(1, 0, view.status.toUpperCase())
  const left = parts.join('  ')
  const gap = width - columnsOf(left) - columnsOf(view.environment)
  return paint(screen, 'bold', gap > 1 ? `${left}${' '.repeat(gap)}${view.environment}` : left)
}

/** Narrower screens get a shorter bar, then none; shares and failures always. */
function users(view: ReleaseView, width: number): string {
  const { candidate, baseline, weightPpm, measuredShare, requests } = view
  const [b, c] = [visible(baseline?.name ?? '-'), visible(candidate.name)]
  const share = measuredShare ?? weightPpm / 1_000_000
  const [rate, failed] = [Math.round(view.requestsPerSecond), `${formatCount(requests.failed)} failed`]
  if (width < ALLOWED_FROM) return `${b} ${formatShare(1 - share)} / ${c} ${formatShare(share)}  ${failed}  ${rate}/s`
  const columns = width >= COUNTS_FROM ? BAR : SHORT_BAR
  const filled = Math.round((columns * weightPpm) / 1_000_000)
  const bar = '█'.repeat(columns - filled) + '░'.repeat(filled)
  const split = `${formatShare(1 - share)} / ${formatShare(share)} ${measuredShare === null ? 'ordered' : 'measured'}`
  return `${b} ${bar} ${c}   ${split}   ${rate} req/s   ${failed}`
}

function verdict(view: ReleaseView, gate: GateView, figures: GateFigures): string {
  if (gate.numbers.error !== null) return `error: ${visible(gate.numbers.error)}`
  if (figures.verdict !== 'inconclusive' && figures.verdict !== 'doubt') return figures.verdict
  const needed = stillNeeded(gate.plan, gate.numbers, {
    step: view.plan.steps[view.step],
    requestsPerSecond: view.requestsPerSecond,
    over: false,
  })
  const word = figures.verdict === 'doubt' ? 'doubt: ' : ''
  if (needed === null) return figures.verdict
  const time = needed.ms === null ? '' : `, ${timeLeft(needed.ms)}`
  return `${word}more: about ${formatCount(needed.count)} ${needed.unit}${time}`
}

const VERDICT_PAINT = { pass: 'green', fail: 'red', doubt: 'yellow' } as const
function paintVerdict(screen: Screen, word: string): string {
  const colour = Object.entries(VERDICT_PAINT).find(([begin]) => word.startsWith(begin))?.[1]
  return colour ? paint(screen, colour, word) : word
}

interface Row {
  readonly name: string
  readonly b: readonly [string, string]
  readonly c: readonly [string, string]
  readonly interval: string
  readonly allowed: string
  readonly verdict: string
}

function row(cells: Row, width: number): string {
  const arm = ([rate, count]: readonly [string, string]) =>
    padded(rate, WIDTHS.rate) + (width >= COUNTS_FROM ? rightAligned(count, WIDTHS.count) : '')
  const at = (from: number, text: string) => (width >= from ? text : '')
  const name = padded(cut(cells.name, width >= INTERVAL_FROM ? 16 : WIDTHS.name), WIDTHS.name)
  const arms = at(BASELINE_FROM, `${arm(cells.b)}  `) + at(CANDIDATE_FROM, `${arm(cells.c)}  `)
  const interval = at(INTERVAL_FROM, `${padded(cells.interval, WIDTHS.interval)} `)
  return `${name} ${arms}${interval}${at(ALLOWED_FROM, padded(cells.allowed, WIDTHS.allowed))}${cells.verdict}`
}

function gateLines(view: ReleaseView, width: number, screen: Screen): string[] {
  const head: Row = {
    name: 'gate',
    b: ['baseline', ''],
    c: ['candidate', ''],
    interval: 'worse by (95 %)',
    allowed: 'allowed',
    verdict: 'verdict',
  }
  const lines = [paint(screen, 'dim', row(head, width))]
  for (const gate of view.gates) {
    const figures = gateFigures(gate)
    const said = verdict(view, gate, figures)
    const cells: Row = {
      name: visible(figures.name),
      b: [figures.baseline.rate, figures.baseline.count],
      c: [figures.candidate.rate, figures.candidate.count],
      interval: figures.interval,
      allowed: figures.allowed,
      verdict: '',
    }
    // What is still needed gets a line of its own where the verdict's column has no room for it.
    const fits = columnsOf(row(cells, width)) + columnsOf(said) <= width
    lines.push(row({ ...cells, verdict: paintVerdict(screen, fits ? said : figures.verdict) }, width))
    if (!fits && said !== figures.verdict) lines.push(paint(screen, 'dim', `  ${said}`))
    const { detail } = gateKind(gate.plan.kind).words(gate.plan)
    if (detail !== null) lines.push(paint(screen, 'dim', `  ${detail}`))
    if (gate.plan.kind === 'agreement' && figures.baseline.rate !== NONE)
      lines.push(paint(screen, 'dim', '  baseline: how often it answered its own copies differently (noise)'))
  }
  return lines
}

function keysLine(view: ReleaseView, talk: Talk, width: number, screen: Screen): string {
  if (talk.asking) return paint(screen, 'bold', `abort ${visible(view.release)} and take users back? y / n`)
  const pause = view.status === 'paused' ? 'p resume' : 'p pause'
  const keys = width >= INTERVAL_FROM ? 'a abort (asks)   q leave (the release goes on)' : 'a abort   q leave'
  return paint(screen, 'dim', `${pause}   ${keys}`)
}

/** The lines, each at most `width` columns, the last one being the keys. */
export function watchLines(view: ReleaseView, talk: Talk, width: number, screen: Screen): string[] {
  const last = view.notes.at(-1)
  const lines = [
    header(view, width, screen),
    ` users      ${users(view, width)}`,
    ...gateLines(view, width - 1, screen).map((line) => ` ${line}`),
  ]
  if (view.timeStands !== null) lines.push(` waits      release time stands still: ${visible(view.timeStands)}`)
  if (view.asked !== null)
    lines.push(` asked      ${visible(view.asked)}`, ...view.commands.map((c) => `            ${visible(c)}`))
  if (view.nextSentence !== null)
    lines.push(` next       ${wrapped(visible(view.nextSentence), width - 12).replaceAll('\n', `\n${' '.repeat(12)}`)}`)
  if (last) lines.push(paint(screen, 'dim', ` last       ${clockTime(last.at)}  ${visible(last.text)}`))
  if (talk.said !== null) lines.push(` said       ${visible(talk.said)}`)
  lines.push(` ${keysLine(view, talk, width, screen)}`)
  return lines.flatMap((line) => line.split('\n')).map((line) => shownOn(screen, cut(line, width)))
}
