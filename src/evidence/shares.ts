/** Are both arms labelled alike? If not, what is known of their quality is no fair comparison. */

/** Answers of one arm in one step, and how many of them have a label by now. */
export interface LabelShare {
  readonly step: number
  readonly arm: string
  readonly answers: number
  readonly labelled: number
}

/**
 * Bound of |z|. Looks come four a second, so the usual 1.96 would be crossed by chance alone; over as many looks as answers
 * from 20 to 1,000,000 a standard bound of 4.5 is crossed by about one release in a thousand (a Brownian motion's boundary
 * crossing over a range of log time: z * phi(z) * ln(range) * 2).
 */
const BOUND = 4.5
/** Fewest answers of each arm in a step that is looked at. */
const FEW = 20

/**
 * Why the arms cannot be compared by their labels, or null. Mantel-Haenszel z over the steps given: within a step both arms'
 * answers are equally old, so late labels miss alike.
 */
export function sharesFault(shares: readonly LabelShare[]): string | null {
  let [excess, variance] = [0, 0]
  const total = { candidate: [0, 0], baseline: [0, 0] } as Record<string, [number, number]>
  for (const step of new Set(shares.map((share) => share.step))) {
    const arm = (name: string) => shares.find((s) => s.step === step && s.arm === name) ?? { answers: 0, labelled: 0 }
    const [c, b] = [arm('candidate'), arm('baseline')]
    if (c.answers < FEW || b.answers < FEW) continue
    const n = c.answers + b.answers
    const labelled = c.labelled + b.labelled
    excess += c.labelled - (c.answers * labelled) / n
    variance += (c.answers * b.answers * labelled * (n - labelled)) / (n * n * (n - 1))
    for (const [name, { answers, labelled }] of [
      ['candidate', c],
      ['baseline', b],
    ] as const) {
      total[name]![0] += labelled
      total[name]![1] += answers
    }
  }
  if (variance === 0 || Math.abs(excess) / Math.sqrt(variance) < BOUND) return null
  const share = (name: string): string => `${Math.round((100 * total[name]![0]) / total[name]![1])} %`
  return `labels came for ${share('candidate')} of the candidate's answers and ${share('baseline')} of the baseline's, which is no chance`
}
