/** The gates as a table with the numbers of `explain`, and a drawing of each in units of its own margin. */
import { NONE, signed } from '../../record/figures.ts'
import { points } from '../../record/sentences.ts'
import type { GateView, ReleaseView } from '../../record/types.ts'
import { escaped, outside, prose } from '../escape.ts'
import { lateSentence, plainWords, togetherSentence } from '../explain.ts'
import { type ArmFigures, decidedWhen, gateFigures, questionOf, worstFirst } from '../gate-figures.ts'
import { type HtmlRow, htmlTable } from './html-table.ts'
import { percent } from './paths.ts'

/** The drawing reaches from -2 to 3 margins. */
const LOW = -2
const HIGH = 3
const place = (margins: number): number => (Math.min(HIGH, Math.max(LOW, margins)) - LOW) / (HIGH - LOW)

const HEAD = `<svg role="img" aria-label="left is better; first line equal, dashed line what is allowed" width="100%" height="32"><text x="40%" y="12" class="mid">equal</text><text x="60%" y="28" class="mid">allowed</text><text x="0" y="12">better</text><text x="100%" y="12" class="end">worse</text></svg>`

/** Where nothing can be compared: nothing is drawn. */
function drawing({ plan, numbers }: GateView): string {
  const { difference, low, high, bound, baselineRate } = numbers
  if (difference === null || low === null || high === null || plan.margin <= 0) return ''
  if (plan.ratio === 1 && bound === null && baselineRate === null) return ''
  // In the watch the frozen bound is what is allowed.
  const shift = bound === null ? 0 : bound - plan.margin - (baselineRate ?? 0)
  const at = (value: number) => (value - shift) / plan.margin
  const [from, to, dot] = [at(low), at(high), at(difference)]
  const beyond = (text: string, x: string, cls: string) => `<text x="${x}" y="15" class="${cls}">${text}</text>`
  const label = `worse by ${signed(difference)} pp, interval ${signed(low)} to ${signed(high)}, allowed ${points(plan.margin)}`
  return `<svg role="img" aria-label="${prose(label)}" width="100%" height="22"><rect x="60%" width="40%" height="22" class="worse"/><line x1="40%" x2="40%" y2="22" class="hair"/><line x1="60%" x2="60%" y2="22" class="limit"/><line x1="${percent(place(from))}" x2="${percent(place(to))}" y1="11" y2="11" class="iv"/><circle cx="${percent(place(dot))}" cy="11" r="4" class="pt"/>${from < LOW ? beyond('‹', '0', '') : ''}${to > HIGH ? beyond('›', '100%', 'end') : ''}</svg>`
}

const two = (first: string, second: string): string =>
  second === '' ? first : `<span>${first}<span class="narrow"> </span><br class="wide"><small>${second}</small></span>`

const arm = (cls: string, { rate, count }: ArmFigures): string =>
  rate === NONE ? NONE : two(`<span class="${cls}">${prose(rate)}</span>`, count === '' ? '' : `of ${count}`)

const SHAPES: Readonly<Record<string, string>> = { pass: '✓ ', fail: '× ' }

function rowsOf(view: ReleaseView, gate: GateView): HtmlRow[] {
  const f = gateFigures(gate)
  const when = decidedWhen(view, gate)
  // What would change it: nothing for a pass, and a report changes nothing.
  const says = gate.numbers.verdict !== 'pass' && (gate.plan.decides || gate.plan.waived !== null)
  const cells = [
    two(`<b>${outside(gate.plan.name)}</b>`, prose(questionOf(view, gate))),
    arm('nb', f.baseline),
    arm('nc', f.candidate),
    f.difference === NONE ? NONE : two(`<b>${prose(`${f.difference} pp`)}</b>`, prose(f.interval.replace(' pp', ''))),
    drawing(gate),
    f.allowed === NONE ? NONE : prose(f.allowed.replace(/^\+/, '')),
    `<span>${f.fail}<span class="narrow">, </span><br class="wide"><small>${f.pass}</small></span>`,
    two(`<b class="keep">${SHAPES[f.verdict] ?? ''}${escaped(f.verdict)}</b>`, when === null ? '' : prose(when)),
  ]
  const first: HtmlRow = { cells, cls: says || gate.late ? 'more' : '' }
  const late = lateSentence(view, gate)
  if (!says && late === null) return [first]
  const words = says ? [plainWords(view, gate), gate.wouldChange ?? ''].join(' ').trim() : late!
  return [first, { cells: [`<bdi>${prose(words)}</bdi>`], cls: 'why', whole: true }]
}

export function gateSection(view: ReleaseView): string {
  if (view.gates.length === 0) return '<p>No gate was asked: readiness alone was judged.</p>\n'
  const [b, c] = [view.baseline?.name ?? 'baseline', view.candidate.name]
  const columns = [
    { head: 'Gate' },
    { head: b, cls: 'num' },
    { head: c, cls: 'num' },
    { head: 'Worse by (95 %)', html: 'Worse by<br>(95\u00a0% interval)', cls: 'num' },
    { head: '', html: HEAD, cls: 'fo' },
    { head: 'Allowed', cls: 'num' },
    { head: 'Evidence to fail, to pass', html: 'Evidence<br>to fail, to pass', cls: 'num' },
    { head: 'Verdict' },
  ]
  const rows = worstFirst(view).flatMap((gate) => rowsOf(view, gate))
  const together = togetherSentence(view)
  const bar = gateFigures(view.gates[0]!).bar
  return `<p class="soft">Worst first. The drawing measures every gate in its own allowed margin, so rows can be compared; + is worse.</p>
${htmlTable('gates cards', columns, rows)}<p class="key">${together === null ? '' : `${prose(together)} `}Evidence to pass settles a gate at ${bar}. Both are e-values and hold at every look. The interval is Newcombe’s and decides nothing. Shares weigh each step the same for both versions; counts are plain sums.</p>
`
}
