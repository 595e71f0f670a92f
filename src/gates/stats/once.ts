/** The once-only score test against the margin, at the horizon fixed before the start (Miettinen & Nurminen 1985; Tango 1998). */
import type { ArmsBlock, Counts, PairsBlock } from '../../evidence/types.ts'
import { poissonTail } from './exact.ts'
import { normalQuantile } from './normal.ts'
import { FEW_EXPECTED } from './rule.ts'

/** Maximum-likelihood pb under pc = r*pb + delta, by bisection on the slope of the log-likelihood, which falls. */
export function restrictedRate(xc: number, nc: number, xb: number, nb: number, r: number, delta: number): number {
  const slope = (p: number): number =>
    xb / p - (nb - xb) / (1 - p) + (r * xc) / (r * p + delta) - (r * (nc - xc)) / (1 - r * p - delta)
  if (xb === 0) {
    if (xc === 0) return 0
    if (delta > 0 && -nb + (r * xc) / delta - (r * (nc - xc)) / (1 - delta) <= 0) return 0
  }
  let low = 0
  let high = r === 0 ? 1 : Math.min(1, (1 - delta) / r)
  for (let i = 0; i < 100; i++) {
    const middle = 0.5 * (low + high)
    if (middle <= low || middle >= high) break
    if (slope(middle) > 0) low = middle
    else high = middle
  }
  return 0.5 * (low + high)
}

/** One stratum of the test: S = weighted excess over the margin, V = its variance at the margin, x = bad candidate answers (pairs: x10), mu = those expected at the margin. */
export interface ScoreTerms {
  readonly S: number
  readonly V: number
  readonly x: number
  readonly mu: number
}
const NOTHING: ScoreTerms = { S: 0, V: 0, x: 0, mu: 0 }

function pairTerms({ x10, x01, n }: PairsBlock, delta: number): ScoreTerms {
  if (n === 0) return NOTHING
  const B = -x10 - x01 + (2 * n - x10 + x01) * delta
  const root = Math.sqrt(Math.max(B * B + 8 * n * x01 * delta * (1 - delta), 0))
  const q = Math.max((root - B) / (4 * n), 0)
  return { S: (x10 - x01 - n * delta) / 2, V: (n / 4) * (2 * q + delta * (1 - delta)), x: x10, mu: n * (q + delta) }
}

function armTerms({ xc, nc, xb, nb }: ArmsBlock, r: number, delta: number): ScoreTerms {
  if (nc === 0 || (nb === 0 && r !== 0)) return NOTHING
  if (r === 0) return { S: xc - nc * delta, V: nc * delta * (1 - delta), x: xc, mu: nc * delta }
  const w = (nc * nb) / (nb + r * nc)
  const pb = restrictedRate(xc, nc, xb, nb, r, delta)
  const pc = r * pb + delta
  const spread = (pc * (1 - pc)) / nc + (r * r * pb * (1 - pb)) / nb
  return {
    S: w * (xc / nc - (r * xb) / nb - delta),
    V: (w * w * spread * (nc + nb)) / (nc + nb - 1),
    x: xc,
    mu: nc * pc,
  }
}

/** Terms of one stratum = all blocks of one kind of one step. Pairs at r != 1 count by their marginals as two arms of n: too wide, never too narrow. */
export function scoreTerms(stratum: Counts, r: number, delta: number): ScoreTerms {
  if (stratum.kind === 'arms') return armTerms(stratum, r, delta)
  if (r === 1) return pairTerms(stratum, delta)
  const { x10, x01, x11, n } = stratum
  return armTerms({ kind: 'arms', xc: x10 + x11, nc: n, xb: x01 + x11, nb: n }, r, delta)
}

/** z of the once-only test; null where nothing can be said (no variance). */
export interface OnceZ {
  readonly fail: number | null
  readonly pass: number | null
}

function sumTerms(strata: readonly Counts[], r: number, delta: number): ScoreTerms {
  let [S, V, x, mu] = [0, 0, 0, 0]
  for (const stratum of strata) {
    const terms = scoreTerms(stratum, r, delta)
    S += terms.S
    V += terms.V
    x += terms.x
    mu += terms.mu
  }
  return { S, V, x, mu }
}

/** z_fail (with a continuity correction of 1/2) and z_pass over all strata; `phi` >= 1 widens for bursts. */
export function onceZ(strata: readonly Counts[], r: number, delta: number, phi = 1): OnceZ {
  const { S, V } = sumTerms(strata, r, delta)
  if (!(V > 0)) return { fail: null, pass: null }
  const sd = Math.sqrt(V * phi)
  return { fail: (S - 0.5) / sd, pass: S / sd }
}

/** Does the once-only test fail at the one-sided `level`? Where few bad answers are expected, the Poisson tail must agree. */
export function onceFails(strata: readonly Counts[], r: number, delta: number, phi: number, level: number): boolean {
  const { S, V, x, mu } = sumTerms(strata, r, delta)
  if (!(V > 0) || (S - 0.5) / Math.sqrt(V * phi) < normalQuantile(1 - level)) return false
  return mu / phi >= FEW_EXPECTED || poissonTail(Math.floor(x / phi), mu / phi) <= level
}

/** Does the once-only test pass at the one-sided `level`? */
export function oncePasses(strata: readonly Counts[], r: number, delta: number, phi: number, level: number): boolean {
  const { pass } = onceZ(strata, r, delta, phi)
  return pass !== null && pass <= -normalQuantile(1 - level)
}

/** Upper bound of pc - r*pb at the one-sided confidence `level`: the smallest margin that z_pass would pass; 1 where none. */
export function onceUpper(strata: readonly Counts[], r: number, level: number, phi = 1): number {
  const z = normalQuantile(level)
  const passes = (delta: number): boolean => (onceZ(strata, r, delta, phi).pass ?? 0) <= -z
  let low = 0
  let high = 1 - 1e-12
  if (!passes(high)) return 1
  for (let i = 0; i < 80 && high - low > 1e-15; i++) {
    const middle = 0.5 * (low + high)
    if (passes(middle)) high = middle
    else low = middle
  }
  return high
}
