/** Rates of both arms over several steps, for views: steps weighted nc*nb/(nc+nb), never pooled. They decide nothing. */
import type { Counts } from '../evidence/types.ts'
import { type Interval, newcombe, wilson } from './stats/intervals.ts'
import { normalQuantile } from './stats/normal.ts'

/** One arm: its weighted rate and the number of answers of a single step that would know it as well. */
export interface ArmRate {
  readonly rate: number
  readonly effective: number
}
export interface Rates {
  readonly candidate: ArmRate
  /** null: against a fixed objective, or no baseline was seen. */
  readonly baseline: ArmRate | null
  /** Correlation of the two rates, from pairs. */
  readonly correlation: number
  /** Answers counted, not weighted; a pair is one of each. */
  readonly candidateN: number
  readonly baselineN: number
  readonly pairs: number
}

interface Stratum {
  readonly pc: number
  readonly nc: number
  readonly pb: number
  readonly nb: number
  /** Covariance of the two answers of a pair; 0 for arms. */
  readonly covariance: number
}

function stratumOf(counts: Counts): Stratum {
  if (counts.kind === 'arms') {
    const { xc, nc, xb, nb } = counts
    return { pc: xc / nc, nc, pb: nb > 0 ? xb / nb : 0, nb, covariance: 0 }
  }
  const { x10, x01, x11, n } = counts
  const [pc, pb] = [(x10 + x11) / n, (x01 + x11) / n]
  return { pc, nc: n, pb, nb: n, covariance: x11 / n - pc * pb }
}

/** Rates over the strata of a gate; null without evidence. Effective number = W^2 / sum(w^2/n), the variance of the weighted rate, divided by `phi` (bursts). */
export function ratesOf(strata: readonly Counts[], r: number, phi = 1): Rates | null {
  const parts = strata.map(stratumOf).filter((part) => part.nc > 0)
  if (parts.length === 0) return null
  const alone = r === 0 || parts.every((part) => part.nb === 0)
  let [W, c, b, c2, b2, varC, varB, cov, candidateN, baselineN] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (const { pc, nc, pb, nb, covariance } of parts) {
    candidateN += nc
    baselineN += nb
    if (!alone && nb === 0) continue
    const w = alone ? nc : (nc * nb) / (nc + nb)
    W += w
    c += w * pc
    c2 += (w * w) / nc
    varC += (w * w * pc * (1 - pc)) / nc
    if (alone) continue
    b += w * pb
    b2 += (w * w) / nb
    varB += (w * w * pb * (1 - pb)) / nb
    cov += (w * w * covariance) / nb
  }
  const spread = Math.sqrt(varC * varB)
  return {
    candidate: { rate: c / W, effective: (W * W) / (c2 * phi) },
    baseline: alone ? null : { rate: b / W, effective: (W * W) / (b2 * phi) },
    correlation: spread > 0 ? Math.max(-1, Math.min(1, cov / spread)) : 0,
    candidateN,
    baselineN,
    pairs: strata.reduce((n, counts) => n + (counts.kind === 'pairs' ? counts.n : 0), 0),
  }
}

const Z95 = normalQuantile(0.975)

/** 95 % Wilson interval of one arm. */
export const armInterval = ({ rate, effective }: ArmRate): Interval => wilson(rate * effective, effective, Z95)

/** 95 % interval of candidate - baseline: Newcombe's on the effective numbers, narrowed by the correlation of pairs. */
export const differenceInterval = (candidate: ArmRate, baseline: ArmRate, correlation: number): Interval =>
  newcombe(
    candidate.rate * candidate.effective,
    candidate.effective,
    baseline.rate * baseline.effective,
    baseline.effective,
    Z95,
    correlation,
  )
