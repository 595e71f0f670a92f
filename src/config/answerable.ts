/** Gates that cannot be answered with this configuration, and the line that would make each answerable. Pure. */
import { formatDuration } from '../kit/units.ts'
import { placeIn } from './checks.ts'
import { defaultSteps, requestsKnown } from './defaults.ts'
import type { Path, Problem } from './problems.ts'
import type { Config, EnvironmentConfig, GateConfig } from './types.ts'

/** `"POST /predict"`, or the sets' own paths where the lines have been read. */
const REQUESTS_LINE = 'serving.requests: ["POST /predict"]'

interface Asked {
  readonly config: Config
  readonly environment: EnvironmentConfig
  readonly shadow: boolean
  readonly swap: boolean
}

function pointerFault({ environment }: Asked, gate: GateConfig): string | null {
  if (environment.serving.answer !== null || (gate.kind !== 'quality' && gate.kind !== 'agreement')) return null
  return 'does not know what to compare in an answer: add serving.answer: /label (a JSON pointer)'
}

function labelsFault({ config, environment }: Asked, gate: GateConfig): string | null {
  if (gate.kind !== 'quality' || !('labels' in gate.source)) return null
  const { arriveMs } = config.evaluation.labels
  const { horizonMs } = environment.release
  if (arriveMs < horizonMs) return null
  const enough = formatDuration(2 * arriveMs)
  return `waits ${formatDuration(arriveMs)} for labels, and the horizon is ${formatDuration(horizonMs)}: add release.horizon: ${enough}`
}

function agreementFault({ config, environment, shadow, swap }: Asked, gate: GateConfig): string | null {
  if (gate.kind !== 'agreement' || shadow) return null
  if (swap) return 'is seen in shadow only, and a swap has none: leave the gate out'
  if (environment.release.steps === null && !requestsKnown(environment.serving, config.evaluation))
    return `is seen in shadow only, and it is not known what may be repeated: add ${REQUESTS_LINE}`
  return 'is seen in shadow only: add - shadow: {} as the first of release.steps'
}

/** Why a gate cannot be answered, and what to add; null where it can. */
const fault = (asked: Asked, gate: GateConfig): string | null =>
  pointerFault(asked, gate) ?? labelsFault(asked, gate) ?? agreementFault(asked, gate)

/** Where a default gate comes from, for whoever wrote none. */
function originOf(gate: GateConfig): Path {
  if (gate.kind !== 'quality') return ['release']
  return 'set' in gate.source ? ['evaluation', 'sets', gate.source.set] : ['evaluation', 'labels']
}

/**
 * The gates of an environment that no evidence of its steps can answer.
 * `has`: whether the text holds a path, to name the place that counts.
 */
export function unanswerable(
  config: Config,
  environment: EnvironmentConfig,
  has: (path: Path) => boolean,
): readonly Problem[] {
  const { release, serving } = environment
  const steps = release.steps ?? defaultSteps(serving, config.evaluation)
  const takes = (kind: string) => steps.some((step) => step.kind === kind)
  const asked = { config, environment, shadow: takes('shadow'), swap: takes('swap') }
  const gates = placeIn(environment.name, ['release', 'gates'], has)
  const problems: Problem[] = []
  for (const [index, gate] of (release.gates ?? []).entries()) {
    const why = fault(asked, gate)
    if (why === null) continue
    const path = has(gates) ? [...gates, index, gate.kind] : originOf(gate)
    const message = has(gates) ? why : `makes the gate ${gate.name}, which ${why}`
    problems.push({ path, at: 'key', message, code: 'GATE_UNANSWERABLE' })
  }
  const shadowAt = steps.findIndex((step) => step.kind === 'shadow')
  if (release.steps !== null && shadowAt >= 0 && !requestsKnown(serving, config.evaluation))
    problems.push({
      path: [...placeIn(environment.name, ['release', 'steps'], has), shadowAt, 'shadow'],
      at: 'key',
      message: `has nothing that may be repeated: add ${REQUESTS_LINE}`,
      code: 'GATE_UNANSWERABLE',
    })
  return problems
}
