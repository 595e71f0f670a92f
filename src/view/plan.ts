/** What a release would do: steps, forecast, needs, and the command that starts exactly this plan. */
import type { ErrorCode, SlipwayError } from '../errors.ts'
import type { Forecast, GateForecast, Reach } from '../gates/forecast.ts'
import { gateKind } from '../gates/index.ts'
import { paint, type Screen } from '../kit/screen.ts'
import { visible } from '../kit/text.ts'
import { formatCount, formatShare, formatSize } from '../kit/units.ts'
import type { PlanGate, PlanStep, ReleasePlan } from '../plan/types.ts'
import { NONE, shownRate, spokenTime } from '../record/figures.ts'
import { points, stepName } from '../record/sentences.ts'
import { shownOn } from './columns.ts'
import { burstsWords, questionAlone } from './gate-figures.ts'
import { tableText } from './table.ts'

/** A refusal as an error of `release start` says it. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  readonly next: readonly string[]
}
export const asRefusal = ({ code, message, next }: SlipwayError): Refusal => ({ code, message, next })

export interface Planned {
  readonly plan: ReleasePlan
  readonly hash: string
  readonly forecast: Forecast
  readonly warnings: readonly string[]
  /** Where a verdict is unlikely in the horizon; null: it is likely. */
  readonly unlikely: string | null
  /** What `release start` would be refused for now. */
  readonly refused: readonly Refusal[]
  /** What it differs in from the plan of the last release of the model here. */
  readonly changes: readonly { readonly what: string; readonly before: string; readonly after: string }[]
  readonly against: string | null
  /** Where `-o` wrote it. */
  readonly file: string | null
  /** False: a dry run, which keeps nothing. */
  readonly kept: boolean
  readonly undo: string | null
  /** What is there for it, bytes; null: no host lives that could say. */
  readonly room: {
    readonly memoryBytes: number
    readonly availableBytes: number
    readonly cores: number
    readonly cards: readonly { readonly memoryBytes: number; readonly freeBytes: number; readonly whole: boolean }[]
  } | null
  /** How long each version took to load last time, ms; null: not known here. */
  readonly loadMs: { readonly candidate: number | null; readonly baseline: number | null }
  readonly start: string
}

const name = (version: { readonly digest: string; readonly tag: string | null }): string =>
  visible(version.tag ?? version.digest.slice(7, 19))

function baselineName({ baseline, noBaseline }: ReleasePlan): string {
  if (noBaseline) return `nothing (--no-baseline: ${visible(noBaseline.reason)})`
  if (baseline === null) return 'nothing: a first release'
  return 'url' in baseline ? visible(baseline.url) : name(baseline)
}

function stepLine(step: PlanStep, plan: ReleasePlan): string {
  const version = name(plan.candidate)
  switch (step.kind) {
    case 'shadow': {
      const pairs = Object.entries(step.pairs).map(([gate, n]) => `${visible(gate)} ${formatCount(n)}`)
      const noise = step.noise > 0 ? `, ${formatShare(step.noise, 0)} of the copies also to the baseline` : ''
      return `${version} gets copies of ${formatShare(step.fraction, 0)}${noise}; no user sees it. At least ${spokenTime(step.forMs)}, until there are pairs: ${pairs.join(', ') || NONE}`
    }
    case 'canary':
      return `${formatShare(step.weightPpm / 1_000_000, 0)} of users get ${version}. At least ${spokenTime(step.forMs)}, no gate in doubt`
    case 'swap':
      return `users wait up to ${spokenTime(step.waitMs)} while ${version} is loaded; watched ${spokenTime(step.watchMs)}; taken back the same way`
    case 'full':
      return plan.baseline === null
        ? `all users get ${version} once it is ready${plan.gates.length > 0 ? ' and has answered the sets' : ''}`
        : `all users get ${version}; watched ${spokenTime(step.watchMs)}, the former version stays warm ${spokenTime(step.keepWarmMs)} more`
  }
}

const reach = (value: Reach | null, unit: string): string => {
  if (value === null) return 'never'
  const time = unit === 'lines' || value.minutes === null ? '' : `, ${spokenTime(value.minutes * 60_000)}`
  return `${formatCount(value.count)} ${unit}${time}`
}

function forecastRow(plan: ReleasePlan, f: GateForecast): string[] {
  const gate = plan.gates.find((g) => g.name === f.gate)!
  const decides = gate.waived !== null ? `waived: ${visible(gate.waived)}` : f.decides ? 'decides' : 'report'
  // A report without a margin has nothing to reach.
  const tells = gate.margin > 0
  return [
    visible(f.gate),
    f.unit === 'lines' ? NONE : `${shownRate(gate, f.rate)}${f.known ? '' : ' assumed'}`,
    tells ? `+${points(gate.margin)}` : NONE,
    ...(tells ? [reach(f.toPass, f.unit), f.unit === 'lines' ? NONE : reach(f.toFail, f.unit)] : [NONE, NONE]),
    tells ? (f.suffices ? 'yes' : 'no') : NONE,
    decides,
  ]
}

function needs({ run, steps, baseline }: ReleasePlan): string {
  const memory = run.memoryBytes === null ? 'memory not limited' : formatSize(run.memoryBytes)
  const gpu =
    run.gpu === null
      ? ''
      : `, ${'cards' in run.gpu ? `${run.gpu.cards} GPU${run.gpu.cards === 1 ? '' : 's'}` : `${formatSize(run.gpu.memoryBytes)} of a GPU`}`
  const cpu = run.cpu === null ? '' : `, ${run.cpu} CPU`
  const replicas = run.replicas === 1 ? '' : `, ${run.replicas} replicas`
  const both = steps[0]?.kind !== 'swap' && baseline !== null && !('url' in baseline)
  return `${memory}${cpu}${gpu}${replicas}${both ? ', twice: both versions run at once' : ''}`
}

/** What there is for it, and for a swap how long users may have to wait. */
function there({ plan, room, loadMs }: Planned): string {
  const lines: string[] = []
  if (room !== null) {
    const whole = room.cards.filter((card) => card.whole).length
    const most = Math.max(0, ...room.cards.map((card) => card.freeBytes))
    const cards =
      room.cards.length === 0
        ? 'no GPU'
        : `${whole} of ${room.cards.length} GPUs free, at most ${formatSize(most)} left on one`
    const memory = `${formatSize(Math.max(0, room.availableBytes))} of ${formatSize(room.memoryBytes)} of memory left`
    lines.push(`there: ${memory}, ${room.cores} ${room.cores === 1 ? 'core' : 'cores'}, ${cards}`)
  }
  if (plan.steps[0]?.kind === 'swap' && plan.baseline !== null) {
    const took = (version: string, ms: number | null) =>
      ms === null ? `${version} was not loaded here yet` : `${version} took ${spokenTime(ms)} last time`
    lines.push(
      `loading: ${took(name(plan.candidate), loadMs.candidate)}, ${took(baselineName(plan), loadMs.baseline)}; users wait that long on the way there and back`,
    )
  }
  return lines.map((line) => ` ${line}\n`).join('')
}

function questions(plan: ReleasePlan): string {
  const sides = { candidate: name(plan.candidate), baseline: baselineName(plan) }
  const bursts = (g: PlanGate) => (g.bursts ? `   ${burstsWords(g.bursts)}\n` : '')
  const question = (g: PlanGate) =>
    (plan.baseline === null ? questionAlone(g, sides.candidate) : null) ?? gateKind(g.kind).question(g, sides)
  const asked = plan.gates.map((g) => ` ${visible(g.name)}: ${visible(question(g))}\n${bursts(g)}`).join('')
  return asked === '' ? ' none: readiness alone is judged\n' : asked
}

/** A rate of fewer seconds is said to be one. */
const SURE_SECONDS = 10

/** How long it will take at the traffic seen; for `release start` too. */
export function forecastSentence(plan: ReleasePlan, forecast: Forecast): string {
  if (plan.baseline === null)
    return `forecast: all users as soon as it is ready${plan.gates.length > 0 ? ' and has answered its evaluation sets' : ''}`
  const likely = forecast.likelyMs === null ? 'not likely' : spokenTime(forecast.likelyMs)
  const { rateSeconds } = forecast
  const few = rateSeconds !== undefined && rateSeconds > 0 && rateSeconds < SURE_SECONDS
  const from = few ? ` (from the last ${spokenTime(rateSeconds * 1000)})` : ''
  const traffic = `at ${forecast.requestsPerSecond.toFixed(1)} requests/s${from} and a horizon of ${spokenTime(forecast.horizonMs)}`
  const watch = `then ${spokenTime(forecast.watchMs)} of watch (80 % probability)`
  return `forecast: ${traffic}, all users in at least ${spokenTime(forecast.minimumMs)}, if it is equal ${likely}; ${watch}`
}

function forecastText({ plan, forecast }: Planned, screen: Screen): string {
  if (plan.baseline === null || forecast.gates.length === 0) return ` ${forecastSentence(plan, forecast)}\n`
  const head = ['gate', 'baseline', 'allowed', 'to pass if equal', 'to fail at twice the margin', 'enough', '']
  const table = tableText(
    head,
    forecast.gates.map((f) => forecastRow(plan, f)),
    screen,
  )
  return `${table} ${forecastSentence(plan, forecast)}\n`
}

export function planText(planned: Planned, screen: Screen): string {
  const { plan, hash } = planned
  const title = (text: string) => `${paint(screen, 'bold', text)}\n`
  const steps = plan.steps.map((step, i) => ` ${i + 1} ${stepName(step).padEnd(12)} ${stepLine(step, plan)}\n`).join('')
  const refused = planned.refused
    .flatMap(({ code, message, next }) => [` ${code}: ${message}`, ...next.map((command) => `   ${command}`)])
    .map((line) => `${visible(line)}\n`)
    .join('')
  const notes = [...planned.warnings, ...(planned.unlikely === null ? [] : [planned.unlikely])]
  const changed = planned.changes
    .map((c) => ` ${visible(c.what)}: ${visible(c.before)} → ${visible(c.after)}\n`)
    .join('')
  const text = [
    title(
      `${visible(plan.model)} ${name(plan.candidate)} in ${visible(plan.environment)}, against ${baselineName(plan)}`,
    ),
    title('steps'),
    steps,
    title('gates'),
    questions(plan),
    title('forecast'),
    forecastText(planned, screen),
    title('needs'),
    ` ${needs(plan)}\n`,
    there(planned),
    notes.length > 0 ? `${title('notes')}${notes.map((note) => ` ${visible(note)}\n`).join('')}` : '',
    changed === '' ? '' : `${title(`changed since ${visible(planned.against ?? '')}`)}${changed}`,
    refused === '' ? '' : `${title('refused')}${refused}`,
    `plan ${hash}${planned.kept ? '' : ', not kept'}${planned.file === null ? '' : `, written to ${visible(planned.file)}`}\n`,
    refused === '' ? `next: ${planned.start}\n` : '',
    planned.undo === null ? '' : `undo: ${visible(planned.undo)}\n`,
  ]
  return shownOn(screen, text.join(''))
}
