/** Seeded random numbers for simulations, and exact samplers. */

/** sfc32 (Doty-Humphrey): 32 bits a draw, period about 2^127. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1
  readonly #poisson = new Map<number, Float64Array>()

  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = 0x9e3779b9 ^ seed
    this.#c = 0x243f6a88
    for (let i = 0; i < 20; i++) this.next()
  }

  /** Uniform in [0, 1), multiples of 2^-32. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }

  /** Poisson count by inversion of its distribution function, which is kept per mean. */
  poisson(mean: number): number {
    if (mean <= 0) return 0
    let table = this.#poisson.get(mean)
    if (!table) {
      table = distribution(mean)
      this.#poisson.set(mean, table)
    }
    const u = this.next()
    let low = 0
    let high = table.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (table[middle]! > u) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Number of successes of n trials, one draw each. */
  binomial(n: number, p: number): number {
    if (p <= 0) return 0
    if (p >= 1) return n
    let hits = 0
    for (let i = 0; i < n; i++) if (this.next() < p) hits++
    return hits
  }
}

/** P(Poisson(mean) <= k) for k = 0, 1, ..., to where it is 1. */
function distribution(mean: number): Float64Array {
  const size = Math.ceil(mean + 12 * Math.sqrt(mean) + 30)
  const table = new Float64Array(size)
  let lnFactorial = 0
  let sum = 0
  for (let k = 0; k < size; k++) {
    if (k > 0) lnFactorial += Math.log(k)
    sum += Math.exp(k * Math.log(mean) - mean - lnFactorial)
    table[k] = sum
  }
  table[size - 1] = 1
  return table
}

/** Shares of the four kinds of pairs from both bad rates and the correlation of the two answers, cut to what is possible. */
export interface PairRates {
  readonly p10: number
  readonly p01: number
  readonly p11: number
}
export function pairRates(pc: number, pb: number, correlation: number): PairRates {
  const wanted = pc * pb + correlation * Math.sqrt(pc * (1 - pc) * pb * (1 - pb))
  const p11 = Math.min(Math.max(wanted, 0, pc + pb - 1), pc, pb)
  return { p10: pc - p11, p01: pb - p11, p11 }
}

export function drawPairs(random: Random, n: number, { p10, p01, p11 }: PairRates) {
  const counts = { kind: 'pairs' as const, x10: 0, x01: 0, x11: 0, n }
  for (let i = 0; i < n; i++) {
    const u = random.next()
    if (u < p10) counts.x10++
    else if (u < p10 + p01) counts.x01++
    else if (u < p10 + p01 + p11) counts.x11++
  }
  return counts
}

/** A two-arm block of Poisson traffic: bad and good answers of an arm are independent Poisson counts. */
export function drawArms(random: Random, requests: number, w: number, pc: number, pb: number) {
  const xc = random.poisson(requests * w * pc)
  const xb = random.poisson(requests * (1 - w) * pb)
  return {
    kind: 'arms' as const,
    xc,
    nc: xc + random.poisson(requests * w * (1 - pc)),
    xb,
    nb: xb + random.poisson(requests * (1 - w) * (1 - pb)),
  }
}
