/** Exact tails for small counts. */

/** P(Poisson(mu) >= x) for a whole x >= 0. */
export function poissonTail(x: number, mu: number): number {
  let term = Math.exp(-mu)
  let below = 0
  for (let k = 1; k <= x; k++) {
    below += term
    term = (term * mu) / k
  }
  return Math.max(0, 1 - below)
}

/** P(Bin(m, 1/2) >= k) for k > m/2: the terms fall from the first one on. */
function upperHalf(m: number, k: number): number {
  let lnFirst = -m * Math.LN2
  for (let j = 1; j <= m - k; j++) lnFirst += Math.log((k + j) / j)
  let term = 1
  let sum = 0
  for (let j = k; j <= m && term > 1e-18 * sum; j++) {
    sum += term
    term *= (m - j) / (j + 1)
  }
  return Math.exp(lnFirst) * sum
}

/** Exact one-sided McNemar test: P(Bin(x10+x01, 1/2) >= x10). Scores: x10 rounded down, x01 up. */
export function mcnemarP(x10: number, x01: number): number {
  const k = Math.floor(x10)
  const m = k + Math.ceil(x01)
  if (k === 0) return 1
  return 2 * k > m ? upperHalf(m, k) : 1 - upperHalf(m, m - k + 1)
}
