/** The reference cases, and their inputs as values of the judge. */
import { readFileSync } from 'node:fs'
import type { Block, Counts } from '../../src/evidence/types.ts'
import { type JudgeGate, type JudgePlan, type JudgeStep, judgePlan } from '../../src/gates/judge-plan.ts'

/** Shapes differ by kind; each test reads its own. */
// biome-ignore lint/suspicious/noExplicitAny: data of many shapes
export type Loose = any
export interface Case {
  readonly name: string
  readonly inputs: Loose
  readonly expected: Loose
}
interface Vectors {
  readonly tolerance: number
  readonly rhoGridAbort: number[]
  readonly rhoGridPass: number[]
  readonly constants: Record<string, number>
  readonly cases: Case[]
}

export const VECTORS: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/stat-vectors.json', import.meta.url), 'utf8'),
)

export const ofKind = (kind: string): Case[] => VECTORS.cases.filter((one) => one.inputs.kind === kind)
export const named = (start: RegExp): Case[] =>
  VECTORS.cases.filter((one) => one.inputs.kind === undefined && start.test(one.name))

/** Differences between what came and what is expected, as paths; none within the file's tolerance. */
export function differences(got: Loose, expected: Loose, path = ''): string[] {
  if (Array.isArray(expected))
    return got?.length !== expected.length
      ? [`${path}: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`]
      : expected.flatMap((value, i) => differences(got[i], value, `${path}/${i}`))
  if (expected !== null && typeof expected === 'object')
    return Object.entries(expected).flatMap(([key, value]) => differences(got?.[key], value, `${path}/${key}`))
  if (typeof expected === 'number' && typeof got === 'number')
    return Math.abs(got - expected) <= VECTORS.tolerance * Math.max(1, Math.abs(expected))
      ? []
      : [`${path}: ${got} instead of ${expected}`]
  return got === expected ? [] : [`${path}: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`]
}

const number = (value: number | string): number => (value === 'NaN' ? Number.NaN : Number(value))

/** ["arms", xc, nc, xb, nb], ["pairs", x10, x01, x11, n] or ["error", cause]. */
export function blockOf([kind, ...values]: Loose[]): Block {
  if (kind === 'error') return { error: values[0] }
  return countsOf([kind, ...values])
}
export function countsOf([kind, ...values]: Loose[]): Counts {
  const [a, b, c, d] = values.map(number) as [number, number, number, number]
  return kind === 'arms' ? { kind, xc: a, nc: b, xb: c, nb: d } : { kind: 'pairs', x10: a, x01: b, x11: c, n: d }
}

/** The plan of a case of kind `release`. */
export function planOf({ steps, gates, horizon }: Loose): JudgePlan {
  const names = Object.keys(gates)
  const judged: JudgeGate[] = names.map((name) => {
    const { delta, r = 1, decides = true, set = false, min = null } = gates[name]
    return { name, delta, r, decides, set, min }
  })
  const parts: JudgeStep[] = steps.map((step: Loose) => {
    if (step.shadow) return { kind: 'shadow', for: step.shadow.for, pairs: step.shadow.pairs }
    if (step.canary) return { kind: 'canary', for: step.canary.for, gates: step.canary.gates ?? names }
    return { kind: 'full', watch: step.full.watch, gates: step.full.gates ?? names }
  })
  return judgePlan(parts, judged, horizon, 0.05)
}
