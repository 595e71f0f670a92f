/** A plan read back from a file or a journal: every key known, every reference resolved. */
import type * as z from 'zod/mini'
import { SlipwayError } from '../errors.ts'
import { shorten, visible } from '../kit/text.ts'
import { planSchema } from './schema.ts'
import { sequenceFault } from './steps.ts'
import { saltOf } from './sticky.ts'
import type { ReleasePlan } from './types.ts'

/** Longest plan file, in UTF-16 units; a plan of 50 gates has about 20 kB. */
const MOST = 1_000_000

/**
 * The plan in JSON text, or PLAN_INVALID naming file and places.
 * Checks what a hand could break: unknown keys, steps out of order, names without a gate or set, a foreign salt.
 */
export function parsePlan(text: string, file: string): ReleasePlan {
  if (text.length > MOST) throw refused(file, [{ pointer: '', message: 'longer than 1 MB' }])
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw refused(file, [{ pointer: '', message: `not JSON: ${cause instanceof Error ? cause.message : ''}` }])
  }
  const result = planSchema.safeParse(json)
  if (!result.success) throw refused(file, result.error.issues.map(placeOf))
  const plan = result.data as ReleasePlan
  const faults = contradictions(plan)
  if (faults.length > 0) throw refused(file, faults)
  return plan
}

interface Fault {
  readonly pointer: string
  readonly message: string
}

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const placeOf = (issue: z.core.$ZodIssue): Fault => ({ pointer: pointerOf(issue.path), message: issue.message })

function contradictions(plan: ReleasePlan): Fault[] {
  const faults: Fault[] = []
  const say = (pointer: string, message: string) => faults.push({ pointer, message })
  const gates = new Set<string>()
  for (const [i, gate] of plan.gates.entries()) {
    if (gates.has(gate.name)) say(`/gates/${i}/name`, `two gates are called ${gate.name}`)
    gates.add(gate.name)
  }
  const sets = new Set(plan.sets.map((set) => set.name))
  for (const [i, gate] of plan.gates.entries()) {
    if (gate.kind === 'quality' && 'set' in gate.source && !sets.has(gate.source.set))
      say(`/gates/${i}/source`, `names the set ${gate.source.set}, which the plan does not hold`)
    if (gate.kind === 'labels-min' && !gates.has(gate.of)) say(`/gates/${i}/of`, `names the unknown gate ${gate.of}`)
  }
  for (const [i, step] of plan.steps.entries())
    for (const name of step.kind === 'shadow' ? Object.keys(step.pairs) : step.gates)
      if (!gates.has(name)) say(`/steps/${i}`, `names the unknown gate ${name}`)
  const sequence = sequenceFault(plan.steps)
  if (sequence) say(`/steps/${sequence.index}`, sequence.message)
  const alone = plan.steps.length === 1 && plan.steps[0]!.kind === 'full'
  if (alone !== (plan.baseline === null)) say('/steps', 'full stands alone exactly where there is no baseline')
  const from = plan.baseline === null ? '' : 'url' in plan.baseline ? plan.baseline.url : plan.baseline.digest
  if (plan.salt !== saltOf(from, plan.candidate.digest)) say('/salt', 'is not that of these two versions')
  return faults
}

function refused(file: string, faults: readonly Fault[]): SlipwayError {
  const first = faults[0]!
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  const place = first.pointer === '' ? '' : `${visible(shorten(first.pointer, 120))}: `
  return new SlipwayError(
    'PLAN_INVALID',
    `${visible(file)} is no plan: ${place}${visible(shorten(first.message, 200))}${more}`,
    {
      where: faults.slice(0, 20).map(({ pointer }) => ({ file, pointer })),
      next: ['slipway plan -o FILE'],
    },
  )
}
