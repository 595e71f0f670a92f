/** The data plane's cumulative counters as evidence: what was counted since the last look. */
import type { Counts, Evidence, GateCounter } from './types.ts'

/** Cumulative counts already taken, by "gate step" (a gate's name may hold spaces, a step does not). */
export type Counted = Readonly<Record<string, Counts>>

/**
 * Evidence of the counters of one release beyond what was counted, and what is counted now. A new boot of the data plane
 * began at 0: pass {} for it. No block where nothing was added. A counter that fell, or is no number, is a fault: the first
 * is taken as the new start, the second leaves the old one.
 */
export function differences(
  counted: Counted,
  counters: readonly GateCounter[],
): { evidence: Evidence[]; counted: Counted } {
  const evidence: Evidence[] = []
  const now: Record<string, Counts> = { ...counted }
  for (const { gate, step, counts: all, without4xx } of counters) {
    const counts = without4xx === undefined ? all : { ...all, xw: badOfBaseline(without4xx) }
    const key = `${gate} ${step}`
    const fresh = difference(counted[key], counts)
    if (fresh === undefined) continue
    if (fresh !== 'not a number') now[key] = counts
    evidence.push({ gate, step, block: typeof fresh === 'string' ? { error: fresh } : fresh })
  }
  return { evidence, counted: now }
}

/** Bad answers of the baseline in a counter. */
const badOfBaseline = (counts: Counts): number => (counts.kind === 'pairs' ? counts.x01 + counts.x11 : counts.xb)

/** Evidence that no reading came, for each of the gates that the step can answer. */
export const unread = (gates: readonly string[], step: number, cause: string): Evidence[] =>
  gates.map((gate) => ({ gate, step, block: { error: cause } }))

/** What was added; undefined: nothing; a string: why it is no evidence. */
function difference(before: Counts | undefined, now: Counts): Counts | string | undefined {
  if (before !== undefined && before.kind !== now.kind) return 'the counter changed its kind'
  const fresh: Record<string, number | string> = { kind: now.kind }
  let added = false
  for (const [field, value] of Object.entries(now)) {
    if (field === 'kind') continue
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'not a number'
    const more = value - ((before as Record<string, number> | undefined)?.[field] ?? 0)
    if (more < 0) return 'a counter went backwards'
    if (more > 0) added = true
    fresh[field] = more
  }
  return added ? (fresh as unknown as Counts) : undefined
}
