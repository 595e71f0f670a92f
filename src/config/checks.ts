/** What the schema alone cannot see: keys that contradict each other. Pure. */
import { nearest } from '../kit/text.ts'
import { sequenceFault } from '../plan/steps.ts'
import type { Path, Problem } from './problems.ts'
import { SERVING_TEMPLATES, TRAINING_TEMPLATES } from './templates/index.ts'
import type { Config, GateConfig, ReleaseConfig, ServingConfig } from './types.ts'

type Params = Readonly<Record<string, string | number | boolean>>
/** True where the text has something at a path. */
type Has = (path: Path) => boolean

/** Placeholders that slipway fills in itself. */
const FILLED = ['port', 'model', 'host', 'app', 'version', 'data', 'out', 'seed']

/** Where a key of serving or release stands for an environment: in its overrides, else in the common part. */
export function placeIn(environment: string, path: Path, has: Has): Path {
  const over: Path = ['environments', environment, ...path]
  return has(over) ? over : path
}

function paramProblems(under: Path, params: Params, known: Params, open: boolean): readonly Problem[] {
  return Object.entries(params).flatMap(([name, value]): Problem[] => {
    const path = [...under, 'params', name]
    if (FILLED.includes(name)) return [{ path, at: 'key', message: 'is filled in by slipway: choose another name' }]
    if (open) return []
    if (!Object.hasOwn(known, name)) {
      const meant = nearest(name, Object.keys(known))
      const help =
        meant === undefined ? `known are ${Object.keys(known).join(', ') || 'none'}` : `did you mean ${meant}?`
      return [{ path, at: 'key', message: `is no parameter of the template: ${help}` }]
    }
    const expected = typeof known[name]
    return typeof value === expected
      ? []
      : [{ path, message: `must be a ${expected}, as ${JSON.stringify(known[name])}` }]
  })
}

function servingProblems({ serving }: Config): readonly Problem[] {
  const template = SERVING_TEMPLATES.get(serving.template)
  const problems: Problem[] = []
  if (serving.command.length === 0)
    problems.push({
      path: ['serving'],
      at: 'key',
      message: 'needs command: [python, app.py, --port, "{port}"], or a template: that gives one',
    })
  problems.push(...paramProblems(['serving'], serving.params, template?.params ?? {}, template?.command === null))
  return problems
}

function trainingProblems({ training }: Config): readonly Problem[] {
  if (training === null) return []
  const template = training.template === null ? undefined : TRAINING_TEMPLATES.get(training.template)
  const problems: Problem[] = []
  if (training.command.length === 0)
    problems.push({
      path: ['training'],
      at: 'key',
      message: 'needs command: [python, train.py, --data, "{data}", --out, "{out}"], or a template: that gives one',
    })
  problems.push(...paramProblems(['training'], training.params, template?.params ?? {}, !template?.command))
  for (const [name, field] of Object.entries(training.data?.checks.fields ?? {}))
    if (field.min !== null && field.max !== null && field.min > field.max)
      problems.push({ path: ['training', 'data', 'checks', 'fields', name, 'max'], message: 'lies below min' })
  const rows = training.data?.checks.rows
  if (rows && rows.min !== null && rows.max !== null && rows.min > rows.max)
    problems.push({ path: ['training', 'data', 'checks', 'rows', 'max'], message: 'lies below min' })
  return problems
}

/** Two gates of one name: the second needs one of its own. */
function nameProblems(gates: readonly GateConfig[], path: Path): readonly Problem[] {
  const seen = new Set<string>()
  return gates.flatMap((gate, index): Problem[] => {
    const here = [...path, index, gate.kind]
    if (gate.name === 'all')
      return [{ path: [...here, 'name'], message: 'cannot be all: --waive all means every gate' }]
    if (seen.has(gate.name)) {
      const suggestion = gate.kind === 'quality' && 'set' in gate.source ? gate.source.set : `${gate.kind}-2`
      return [{ path: here, at: 'key', message: `is a second gate named ${gate.name}: add name: ${suggestion}` }]
    }
    seen.add(gate.name)
    return []
  })
}

/** What one place releases with: the common part, or an environment with its overrides. */
interface Scope {
  readonly steps: Path
  readonly gates: Path
  readonly release: ReleaseConfig
  readonly serving: ServingConfig
  readonly outside: boolean
}

function scopesOf(config: Config, has: Has): readonly Scope[] {
  const common: Scope = { ...config, steps: ['release', 'steps'], gates: ['release', 'gates'], outside: false }
  const each = Object.values(config.environments).map(
    ({ name, release, serving, baseline }): Scope => ({
      steps: placeIn(name, ['release', 'steps'], has),
      gates: placeIn(name, ['release', 'gates'], has),
      release,
      serving,
      outside: baseline !== null && 'url' in baseline,
    }),
  )
  return [common, ...each]
}

function stepProblems({ steps, release, serving, outside }: Scope): readonly Problem[] {
  if (release.steps === null) return []
  const fault = sequenceFault(release.steps)
  if (fault !== null) return [{ path: [...steps, fault.index], message: `stands wrong: ${fault.message}` }]
  const problems: Problem[] = []
  const swaps = release.steps.some((step) => step.kind === 'swap')
  const onlyFull = release.steps.length === 1 && release.steps[0]?.kind === 'full'
  if (serving.port !== null && !swaps && !onlyFull)
    problems.push({
      path: steps,
      at: 'key',
      message: `need two versions at once, and serving.port is fixed at ${serving.port}: write [swap: {}], or give the server {port}`,
    })
  if (swaps && outside)
    problems.push({ path: steps, at: 'key', message: 'cannot swap with a baseline that is never stopped: use canary' })
  return problems
}

function gateProblems(config: Config, { gates, release }: Scope): readonly Problem[] {
  const known = Object.keys(config.evaluation.sets)
  const unknownSets = (release.gates ?? []).flatMap((gate, index): Problem[] => {
    if (gate.kind !== 'quality' || !('set' in gate.source) || known.includes(gate.source.set)) return []
    const { set } = gate.source
    const meant = nearest(set, known)
    const help =
      meant !== undefined ? `did you mean ${meant}?` : `add it: evaluation.sets.${set}: {path: ./eval/${set}.jsonl}`
    return [{ path: [...gates, index, 'quality', 'set'], message: `names no set of evaluation.sets: ${help}` }]
  })
  const asked = (release.gates ?? []).map((gate) =>
    gate.kind === 'quality' && 'set' in gate.source ? gate.source.set : null,
  )
  const repeated = asked.flatMap((set, index): Problem[] =>
    set === null || asked.indexOf(set) === index
      ? []
      : [
          {
            path: [...gates, index, 'quality', 'set'],
            message: 'is asked by another gate already: one gate asks a set',
          },
        ],
  )
  return [...nameProblems(release.gates ?? [], gates), ...unknownSets, ...repeated]
}

/** Two environments, or two addresses of one, on one port. */
function addressProblems(config: Config): readonly Problem[] {
  const taken = new Map<string, string>()
  return Object.values(config.environments).flatMap((environment) =>
    (['listen', 'control'] as const).flatMap((kind): Problem[] => {
      const { host, port } = environment[kind]
      const address = `${host}:${port}`
      const before = port === 0 ? undefined : taken.get(address)
      const mine = `${environment.name}.${kind}`
      if (before === undefined) {
        taken.set(address, mine)
        return []
      }
      const path = ['environments', environment.name, kind]
      return [{ path, at: 'key', message: `is the address of ${before} too (${address}): give it another port` }]
    }),
  )
}

/** Every contradiction, each once. */
export function contradictions(config: Config, has: Has): readonly Problem[] {
  const problems = [
    ...servingProblems(config),
    ...trainingProblems(config),
    ...addressProblems(config),
    ...scopesOf(config, has).flatMap((scope) => [...stepProblems(scope), ...gateProblems(config, scope)]),
  ]
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}
