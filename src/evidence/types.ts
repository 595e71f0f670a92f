/** What was seen: counts as blocks, answers joined to labels. Pure values; rates are shares, c = candidate, b = baseline. */

/** Two arms: bad and total of each, differences since the last block. Scores may make counts fractional. */
export interface ArmsBlock {
  readonly kind: 'arms'
  readonly xc: number
  readonly nc: number
  readonly xb: number
  readonly nb: number
  /** Bad baseline answers that would count in the watch too (without 4xx); absent: xb. */
  readonly xw?: number
}

/** Pairs of answers to one request: x10 candidate bad and baseline good, x01 the reverse, x11 both bad, n pairs. */
export interface PairsBlock {
  readonly kind: 'pairs'
  readonly x10: number
  readonly x01: number
  readonly x11: number
  readonly n: number
  /** Bad baseline answers that would count in the watch too (without 4xx); absent: x01 + x11. */
  readonly xw?: number
}

/** No reading came; never a number, never a pass, never a fail. */
export interface FaultBlock {
  readonly error: string
  /** Evidence came but must not decide (labelled shares of the arms differ, noise too high): `inconclusive`, not `error`. */
  readonly unsure?: true
  /** With `unsure`: what was counted; it waits, and counts with the next counts of the step that may decide. */
  readonly counts?: Counts
}
export type Counts = ArmsBlock | PairsBlock
export type Block = Counts | FaultBlock

/** One block of one gate. `step` is the index of the step that answered; -1 for sets. */
export interface Evidence {
  readonly gate: string
  readonly step: number
  readonly block: Block
}

/** Outcome class of one answered request. */
export type AnswerClass = '2xx' | '3xx' | '4xx' | '5xx' | 'timeout' | 'reset' | 'no-answer'

/** A value at the answer pointer, as JSON; undefined where the answer had none. */
export type AnswerValue = unknown

/** One judged request with what was compared, as the data plane hands it out. At least one value is there. */
export interface AnswerRecord {
  /** x-slipway-request-id */
  readonly id: string
  /** Key of `labels.key`, where set. */
  readonly key?: string
  /** The caller's own x-request-id; may join labels too. */
  readonly callerId?: string
  /** Name of the key of `serving.sticky`, where requests have one. */
  readonly sticky?: string
  /** The release that it counts for, where one runs. */
  readonly release?: string
  readonly at: number
  readonly step: number
  /** Who answered the user. */
  readonly arm: 'baseline' | 'candidate'
  readonly digest: string
  readonly user: AnswerValue
  /** The candidate's copy of a mirrored request; absent: not mirrored. */
  readonly candidateCopy?: AnswerValue
  /** The baseline's copy (noise); absent: not sampled. */
  readonly baselineCopy?: AnswerValue
  /** In the warm-up of the candidate, or while nothing was compared: counts for no gate. */
  readonly warmup?: boolean
  /** With `evaluation.keepAnswers`: the whole answers of a pair, of some requests. */
  readonly whole?: { readonly user?: WholeAnswer; readonly candidateCopy?: WholeAnswer }
}

/** An answer's body, text or JSON, cut to 64 KiB. */
export interface WholeAnswer {
  readonly status: number
  readonly text: string
  /** True where more came than is kept. */
  readonly cut: boolean
}

/** Cumulative counts of one gate in one step, since the data plane's boot. */
export interface GateCounter {
  readonly gate: string
  readonly release: string
  readonly step: number
  readonly counts: Counts
  /** The same counts with no 4xx bad: for the bound that the watch freezes. Errors gates only. */
  readonly without4xx?: Counts
}

/** Requests of one version since boot, for views and forecasts. Buckets follow kit/grid. */
export interface VersionCounter {
  readonly digest: string
  readonly role: 'baseline' | 'candidate'
  /** By status class and fault, plus client-gone. */
  readonly codes: Readonly<Record<string, number>>
  /** The same for requests that are not judged; the buckets hold judged ones only. */
  readonly unjudged?: Readonly<Record<string, number>>
  readonly totalBuckets: readonly number[]
  readonly firstByteBuckets: readonly number[]
  readonly durationSumMs: number
  readonly inFlight: number
}

/**
 * How the requests of one key of `serving.sticky` hang together, summed over a sample of the keys that a version answered: of
 * each class, and of the requests above each bound of kit/grid (by index), the sum over keys of a key's count and of products.
 */
export interface KeyMoments {
  readonly digest: string
  /** How long was counted. */
  readonly ms: number
  readonly keys: number
  readonly sums: Readonly<Record<string, number>>
  /** By two classes, "5xx timeout": the sum of the products of a key's two counts; of one class with itself its square. */
  readonly products: Readonly<Record<string, number>>
  readonly total: KeyTimes
  readonly firstByte: KeyTimes
}
/** Requests above each bound: sums of a key's count, and of its square. Trailing zeros are left out. */
export interface KeyTimes {
  readonly sums: readonly number[]
  readonly squares: readonly number[]
}

/** What one pull from a data plane brings. Counters are cumulative; a new `boot` means that they began at 0. */
export interface Reading {
  readonly boot: string
  /** Wall clock of the data plane, ms. */
  readonly at: number
  /** The orders that it acts on. */
  readonly epoch: number
  readonly revision: number
  readonly gates: readonly GateCounter[]
  readonly versions: readonly VersionCounter[]
  /** Judged requests that got a 503 of ours before a version was chosen, since boot. */
  readonly refused?: number
  /** Judged requests routed since the present split: [baseline, candidate]. */
  readonly split: readonly [number, number]
  readonly mirrored: Readonly<Record<string, number>>
  readonly answers: readonly AnswerRecord[]
  /** Pass as `after` of the next pull; what came before is then forgotten. */
  readonly cursor: number
  /** Answers dropped for the cap since boot. */
  readonly answersDropped: number
  /** Now and then, where requests have keys: of the versions that serve as baseline. */
  readonly keys?: readonly KeyMoments[]
  /** Requests that wait for a place at a version, or for the end of a hold. */
  readonly waiting: number
  /** The candidate's weight that it acts on: 0 after it was given back for want of renewal. */
  readonly weightPpm?: number
  readonly holding?: boolean
  /** The candidate's weight was given back for want of renewal; only new orders end that. */
  readonly givenBack?: boolean
}
