/** Why a release stands where it stands: a paragraph a gate in words, then the numbers that can be checked. */
import { gateKind } from '../gates/index.ts'
import { paint, type Screen } from '../kit/screen.ts'
import { shorten, visible } from '../kit/text.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import { evidence, shownRate, showsGood } from '../record/figures.ts'
import { headline } from '../record/headline.ts'
import { envFlag } from '../record/release-id.ts'
import { pastIn, points, stepName } from '../record/sentences.ts'
import type { ExampleView, GateView, ReleaseView } from '../record/types.ts'
import type { Accepted } from '../release/types.ts'
import { shownOn, wrapped } from './columns.ts'
import { countsLine } from './counts-line.ts'
import { burstsWords, decidedWhen, gateFigures, questionOf, verdictWord, worstFirst } from './gate-figures.ts'
import { type UsersMet, usersText } from './met.ts'

export interface Explained {
  /** null: no release is known here. */
  readonly view: ReleaseView | null
  /** Of `--gate`; null: all of them. */
  readonly gate: string | null
  /** What users met; null: with `--gate`, or nothing was counted. */
  readonly users: UsersMet | null
}
const WIDTH = 100
const EXAMPLES = 5
const RIGHT_EXAMPLES = 2
const LONGEST = 72

/** Words for somebody who knows no statistics. */
export function plainWords(view: ReleaseView, gate: GateView): string {
  const late = lateSentence(view, gate)
  return late === null ? decidedBy(view, gate) : `${decidedBy(view, gate)} ${late}`
}

/** What labels said after the end; null: none came. */
export function lateSentence({ candidate, baseline }: ReleaseView, { plan, late }: GateView): string | null {
  if (late === undefined) return null
  const many = `${formatCount(late.labels)}${late.atLeast ? ' or more' : ''} ${late.labels === 1 ? 'label' : 'labels'}`
  const arm = (name: string, bad: number | null) => (bad === null ? [] : [`${name} ${shownRate(plan, bad)}`])
  const arms = [...arm(candidate.name, late.candidate), ...arm(baseline?.name ?? 'baseline', late.baseline)].join(', ')
  return `After the end ${many} came${arms === '' ? '' : `: ${arms}`}; the verdict is as it was.`
}

function decidedBy(view: ReleaseView, gate: GateView): string {
  const { plan, numbers } = gate
  const { candidate, baseline } = view
  const { rate } = gateKind(plan.kind).words(plan)
  if (numbers.candidateRate === null)
    return numbers.error === null
      ? 'Nothing has been counted for it yet, so nothing can be said.'
      : `No evidence came: ${numbers.error}.`
  const show = (value: number) => shownRate(plan, value)
  const own = `${sentence(rate)}: ${candidate.name} ${show(numbers.candidateRate)}`
  if (numbers.bound !== null)
    return `${own} since it serves everyone. The bound, frozen when it was promoted, is ${show(numbers.bound)}.`
  if (plan.ratio === 0) return `${own}; ${formatShare(1 - plan.margin)} are asked for.`
  if (numbers.baselineRate === null || baseline === null || numbers.difference === null)
    return `${own}. There is no version to compare with.`
  return `${own}, ${baseline.name} ${show(numbers.baselineRate)}. ${compared(view, gate)}`
}

function compared(view: ReleaseView, { plan, numbers }: GateView): string {
  const { low, high, difference } = numbers
  const more = showsGood(plan) ? ['fewer', 'more'] : ['more', 'fewer']
  if (low === null || high === null || difference === null) return ''
  const [least, most] = [points(Math.abs(low)), points(Math.abs(high))]
  const range =
    low >= 0
      ? `between ${least} and ${most} ${more[0]}`
      : high <= 0
        ? `between ${most} and ${least} ${more[1]}`
        : `anything from ${least} ${more[1]} to ${most} ${more[0]}`
  const seen = `By what was seen, the true difference is ${range}`
  if (plan.kind === 'agreement' && !plan.decides) return `${seen}.`
  const allowed = `the ${points(plan.margin)} allowed`
  // The evidence that decides weighs steps and moments apart, the interval all of them together: they need not say the same.
  if (numbers.verdict === 'fail' && low <= plan.margin) {
    if (difference > plan.margin) return `${seen}, most likely outside ${allowed}.`
    const { worst } = numbers
    const there =
      worst && worst.difference > plan.margin
        ? `it was ${points(worst.difference)} ${more[0]}, outside`
        : 'it was outside'
    return `${seen} over all steps. ${sentence(pastIn(view.plan, numbers))} ${there} ${allowed}, and that decided.`
  }
  if (numbers.verdict === 'pass' && high >= plan.margin)
    return `${seen}; the evidence was enough for ${allowed} when it passed, and what came since does not fail it.`
  const inside =
    high < plan.margin ? 'all of it inside' : low > plan.margin ? 'all of it outside' : 'so it may be either side of'
  return `${seen}: ${inside} ${allowed}.`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** Who took this gate for passed where the release ended on that; undefined: nobody. */
export const acceptedOf = ({ cause }: ReleaseView, { plan }: GateView): Accepted | undefined =>
  cause && 'accepted' in cause ? cause.accepted.find(({ gates }) => gates.includes(plan.name)) : undefined

/** The verdict and what it means for the release. */
export function verdictSentence(view: ReleaseView, gate: GateView): string {
  const word = verdictWord(gate)
  const when = decidedWhen(view, gate)
  const blamed = view.cause?.kind === 'gate' && view.cause.gate === gate.plan.name
  const parts = [`Verdict: ${word}${when === null ? '' : ` ${when}`}.`]
  const taken = acceptedOf(view, gate)
  if (blamed) parts.push('This took users back.')
  if (taken) parts.push(`${taken.by} took it for passed${taken.reason === null ? '' : `: ${taken.reason}`}.`)
  if (gate.plan.waived !== null) parts.push(`It was waived (${gate.plan.waived}), so it decides nothing.`)
  else if (!gate.plan.decides) parts.push('It is a report and decides nothing.')
  if (gate.numbers.verdict === 'doubt' && gate.plan.decides && gate.plan.waived === null)
    parts.push('No step may end while in doubt.')
  return parts.join(' ')
}

/** Numbers that somebody who knows statistics can check, one line each. */
export function numberLines(view: ReleaseView, gate: GateView): [string, string][] {
  const { numbers, plan } = gate
  const f = gateFigures(gate)
  const arm = ({ rate, count }: { rate: string; count: string }) => (count === '' ? rate : `${rate} of ${count}`)
  const lines: [string, string][] = [
    [view.baseline?.name ?? 'baseline', arm(f.baseline)],
    [view.candidate.name, arm(f.candidate)],
  ]
  if (f.interval !== '-')
    lines.push(['worse by', `${f.difference} pp, 95 % interval ${f.interval} (Newcombe; decides nothing)`])
  if (numbers.upper !== null && numbers.upper !== undefined)
    lines.push(['at horizon', `upper 97.5 % bound ${points(numbers.upper)} against ${points(plan.margin)}`])
  if (f.allowed !== '-') lines.push(['allowed', f.allowed])
  if (plan.bursts) lines.push(['bursts', burstsWords(plan.bursts)])
  const watch = numbers.bound !== null
  lines.push([
    'evidence',
    watch
      ? `e-value to fail ${f.fail} against ${f.bar}`
      : `e-value to fail ${f.fail} (the mean of all deciding gates takes back at ${f.bar}), to pass ${f.pass} of ${f.bar}`,
  ])
  for (const { step, counts } of gate.steps)
    lines.push([step < 0 ? 'sets' : stepName(view.plan.steps[step]), countsLine(counts)])
  return lines
}

const shownValue = (value: unknown): string => shorten(visible(JSON.stringify(value) ?? 'no answer'), LONGEST)

function exampleLine(view: ReleaseView, example: ExampleView): string {
  const b = view.baseline === null ? '' : `${view.baseline.name} ${shownValue(example.baseline)}, `
  return `${visible(example.id)}: right is ${shownValue(example.expect)}, ${b}${view.candidate.name} ${shownValue(example.candidate)}`
}

function paragraph(view: ReleaseView, gate: GateView, screen: Screen): string {
  const width = Math.min(WIDTH, screen.width ?? WIDTH)
  const words = [questionOf(view, gate), plainWords(view, gate), verdictSentence(view, gate)]
  if (gate.wouldChange !== null) words.push(gate.wouldChange)
  const lines = [
    paint(screen, 'bold', visible(gate.plan.name)),
    wrapped(visible(words.join(' ')), width),
    ...numberLines(view, gate).map(([name, text]) => `  ${visible(name).padEnd(12)} ${visible(text)}`),
  ]
  if (gate.numbers.verdict !== 'pass')
    lines.push(
      ...exampleLines(view, 'newly wrong', 'worst', gate.newlyWrong, EXAMPLES),
      ...exampleLines(view, 'newly right', 'best', gate.newlyRight, RIGHT_EXAMPLES),
    )
  return lines.join('\n')
}

function exampleLines(view: ReleaseView, what: string, which: string, all: readonly ExampleView[], most: number) {
  if (all.length === 0) return []
  const shown = all.slice(0, most)
  const lines = shown.map((example) => `    ${visible(exampleLine(view, example))}`)
  return [`  ${what}, ${shown.length} of the ${which} ${all.length}:`, ...lines]
}

/** Evidence of all deciding gates together: the mean of their fail e-values. */
export function togetherSentence(view: ReleaseView): string | null {
  const deciding = view.gates.filter(({ plan }) => plan.decides)
  const bar = deciding[0]?.numbers.bar
  if (deciding.length < 2 || bar === undefined) return null
  const mean = deciding.reduce((sum, { numbers }) => sum + numbers.eFail, 0) / deciding.length
  return `All ${deciding.length} deciding gates together: mean evidence to fail ${evidence(mean)}; ${formatCount(bar)} takes users back.`
}

/** `environment`: the one that was named; it matters only where no release is known. */
export function explainText({ view, gate, users }: Explained, screen: Screen, environment = ''): string {
  const met = users === null ? [] : [usersText(users)]
  if (view === null)
    return shownOn(
      screen,
      `${['No release was started here yet.', ...met].join('\n\n')}\n\nnext: slipway release start${visible(envFlag(environment))}\n`,
    )
  const gates = worstFirst(view).filter(({ plan }) => gate === null || plan.name === gate)
  const parts = [paint(screen, 'bold', `${visible(view.release)}: ${visible(headline(view))}`)]
  if (view.unjudged !== null) parts.push(`Not judged: ${visible(view.unjudged)}.`)
  parts.push(visible(`${view.affected} ${view.nowSentence}${view.asked === null ? '' : ` ${view.asked}`}`))
  parts.push(...gates.map((one) => paragraph(view, one, screen)))
  if (gates.length === 0) parts.push('No gate was asked: readiness alone was judged.')
  const together = gate === null ? togetherSentence(view) : null
  if (together !== null) parts.push(together)
  parts.push(...met)
  const next = view.commands.at(0) ?? `slipway release history${envFlag(view.environment)}`
  return shownOn(screen, `${parts.join('\n\n')}\n\nnext: ${visible(next)}\n`)
}
