/** Made-up releases for the views: deterministic, with every kind of gate, event and end. */
import { newcombe, wilson } from '../../src/gates/stats/intervals.ts'
import type { GateNumbers, Verdict } from '../../src/gates/types.ts'
import type { PlanGate, ReleasePlan } from '../../src/plan/types.ts'
import type { GateView, NoteView, ReleaseView, StripPoint, TimelinePoint } from '../../src/record/types.ts'
import { standard } from '../release/plans.ts'

export const START = Date.UTC(2026, 2, 17, 14, 2, 11)
const SECOND = 1000
/** Of 95 % intervals. */
const Z = 1.959964

/** A generator of the same numbers each time (LCG of Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const gate = (more: Readonly<Record<string, unknown>>): PlanGate =>
  ({ decides: true, waived: null, ratio: 1, ...more }) as PlanGate

const EXACT = { kind: 'exact-match' }
const errors = gate({ name: 'errors', kind: 'errors', margin: 0.02, bad: ['5xx'], except: [] })
const latency = gate({ name: 'latency', kind: 'latency', margin: 0.1, of: 'total', above: 'p90', boundMs: 4 })
const quality = gate({
  name: 'quality',
  kind: 'quality',
  margin: 0.05,
  source: { labels: true },
  evaluator: EXACT,
  min: null,
})
const golden = gate({
  name: 'golden',
  kind: 'quality',
  margin: 0.05,
  source: { set: 'golden' },
  evaluator: EXACT,
  min: null,
})
const agreement = gate({ name: 'agreement', kind: 'agreement', margin: 0, decides: false, evaluator: EXACT })
export const GATES = { errors, latency, quality, golden, agreement }

const plan: ReleasePlan = {
  ...standard,
  candidate: { ...standard.candidate, tag: 'v3' },
  baseline: { digest: standard.candidate.digest, tag: 'v2' },
  gates: [errors, latency, quality, golden, agreement],
  sets: [{ name: 'golden', sha256: 'a'.repeat(64), lines: 400 }],
}

interface Share {
  readonly baseline: number
  readonly candidate: number
}
/** Bad shares that the made-up versions have. */
const SHARES: Readonly<Record<string, Share>> = {
  errors: { baseline: 0, candidate: 0 },
  latency: { baseline: 0.1, candidate: 0.112 },
  quality: { baseline: 0.043, candidate: 0.126 },
}

/** Numbers of a gate from counts. */
export function numbers(
  plan: PlanGate,
  b: [number, number],
  c: [number, number],
  more: Partial<GateNumbers> = {},
): GateNumbers {
  const [low, high] = newcombe(c[0], c[1], b[0], b[1], Z)
  return {
    gate: plan.name,
    verdict: 'inconclusive',
    baselineRate: b[0] / b[1],
    candidateRate: c[0] / c[1],
    baselineN: b[1],
    candidateN: c[1],
    pairs: 0,
    low,
    high,
    difference: c[0] / c[1] - b[0] / b[1],
    upper: null,
    margin: plan.margin,
    eFail: 0.44,
    ePass: 1.2,
    bar: 40,
    bound: null,
    error: null,
    more: null,
    ...more,
  }
}

const NONE: StripPoint = {
  at: 0,
  baseline: null,
  baselineLow: null,
  baselineHigh: null,
  candidate: null,
  candidateLow: null,
  candidateHigh: null,
  limit: null,
  doubt: false,
}

interface Look {
  readonly ms: number
  readonly step: number
  readonly weightPpm: number
  readonly still: boolean
  readonly phase: TimelinePoint['phase']
}

/** Looks four times a second; none while the host was dead; the paused ones stand still. */
function looks(endMs: number, canaryMs: number): Look[] {
  const found: Look[] = []
  for (let ms = 500; ms <= endMs; ms += 250) {
    if (ms > 2500 && ms < 7500) continue
    const step = ms < canaryMs ? 0 : 1
    found.push({ ms, step, weightPpm: step === 0 ? 0 : 250_000, still: ms >= 15_000 && ms < 18_250, phase: 'steps' })
  }
  return found
}

function timeline(all: readonly Look[], shares: Readonly<Record<string, Share>>): TimelinePoint[] {
  const random = seeded(7)
  const counts = Object.fromEntries(Object.keys(shares).map((name) => [name, { b: 0, nb: 0, c: 0, nc: 0 }]))
  let clockMs = 0
  return all.map((look, i) => {
    if (!look.still && i > 0 && look.ms - all[i - 1]!.ms < 1000) clockMs += 250
    const gates: Record<string, StripPoint> = {}
    for (const [name, { baseline, candidate }] of Object.entries(shares)) {
      const sum = counts[name]!
      const late = name === 'quality' && look.ms < 6000
      for (let k = 0; k < 22 && !late; k++) {
        sum.nb++
        sum.b += random() < baseline ? 1 : 0
        sum.nc++
        sum.c += random() < candidate ? 1 : 0
      }
      gates[name] = strip(sum, plan.gates.find((g) => g.name === name)!.margin, look, name === 'quality')
    }
    return {
      at: START + look.ms,
      clockMs,
      still: look.still,
      weightPpm: look.weightPpm,
      mirroring: look.step === 0,
      phase: look.phase,
      step: look.step,
      requestsPerSecond: 88,
      gates,
    }
  })
}

function strip(
  { b, nb, c, nc }: { b: number; nb: number; c: number; nc: number },
  margin: number,
  look: Look,
  doubtful: boolean,
): StripPoint {
  if (nb < 20) return { ...NONE, at: START + look.ms }
  const [bLow, bHigh] = wilson(b, nb, Z)
  const [cLow, cHigh] = wilson(c, nc, Z)
  return {
    at: START + look.ms,
    baseline: b / nb,
    baselineLow: bLow,
    baselineHigh: bHigh,
    candidate: c / nc,
    candidateLow: cLow,
    candidateHigh: cHigh,
    limit: b / nb + margin,
    doubt: doubtful && look.ms > 9000 && look.ms % 6000 > 750,
  }
}

const note = (seconds: number, what: NoteView['what'], text: string): NoteView => ({
  at: START + seconds * SECOND,
  what,
  text,
})

export function gateView(plan: PlanGate, given: GateNumbers, more: Partial<GateView> = {}): GateView {
  return {
    plan,
    numbers: given,
    decidedAt: null,
    decidedIn: null,
    steps: [],
    wouldChange: null,
    newlyWrong: [],
    newlyRight: [],
    ...more,
  }
}

const decided = (seconds: number, step: number) => ({ decidedAt: START + seconds * SECOND, decidedIn: step })
const passing: { readonly verdict: Verdict; readonly ePass: number } = { verdict: 'pass', ePass: 4000 }

/** v3 of broken data: the host is killed and replaced in shadow, a person pauses, quality fails in the canary. */
export const rolledBack: ReleaseView = {
  release: 'digits-3',
  model: 'digits',
  environment: 'dev',
  planHash: '6be1a04f2c97'.padEnd(64, '0'),
  plan,
  startedBy: 'release-bot',
  startedAt: START,
  endedAt: START + 21_800,
  now: START + 60_000,
  status: 'concluded',
  phase: 'over',
  swap: null,
  step: 1,
  stepElapsedMs: 4000,
  stepForMs: 3000,
  clockMs: 13_000,
  timeStands: null,
  outcome: 'rolled-back',
  cause: { kind: 'gate', gate: 'quality', where: 'canary' },
  exit: 3,
  code: 'GATE_FAILED',
  candidate: { name: 'v3', digest: standard.candidate.digest, lineage: {}, parameters: 101_770, bytes: 412_000 },
  baseline: { name: 'v2', digest: `sha256:${'1'.repeat(64)}`, lineage: {}, parameters: 101_770, bytes: 412_000 },
  weightPpm: 0,
  measuredShare: null,
  requestsPerSecond: 88,
  requests: { total: 2225, candidate: 214, failed: 0 },
  gates: [
    gateView(errors, numbers(errors, [0, 1943], [0, 1548], { ...passing, eFail: 0.45 }), {
      ...decided(7.75, 0),
      steps: [
        { step: 0, counts: { kind: 'pairs', n: 1339, x10: 0, x01: 0, x11: 0 } },
        { step: 1, counts: { kind: 'arms', nb: 604, xb: 0, nc: 209, xc: 0 } },
      ],
    }),
    gateView(latency, numbers(latency, [196, 1943], [177, 1548], passing), {
      ...decided(7.75, 0),
      steps: [{ step: 1, counts: { kind: 'arms', nb: 604, xb: 61, nc: 209, xc: 24 } }],
    }),
    gateView(quality, numbers(quality, [66, 1550], [175, 1413], { verdict: 'fail', eFail: 175.5, ePass: 0.002 }), {
      ...decided(21.5, 1),
      wouldChange: 'To stand inside, it would need at least 3.1 pp more labelled answers that are right.',
      steps: [
        { step: 0, counts: { kind: 'pairs', n: 1339, x10: 126, x01: 25, x11: 34 } },
        { step: 1, counts: { kind: 'arms', nb: 211, xb: 7, nc: 74, xc: 15 } },
      ],
    }),
    gateView(golden, numbers(golden, [18, 400], [24, 400], { ...passing, pairs: 400 }), {
      ...decided(1.2, -1),
      steps: [{ step: -1, counts: { kind: 'pairs', n: 400, x10: 9, x01: 3, x11: 15 } }],
      newlyWrong: [
        { id: 'line-17', expect: 7, baseline: 7, candidate: 1 },
        { id: 'line-203', expect: 9, baseline: 9, candidate: 4 },
      ],
      newlyRight: [{ id: 'line-88', expect: 4, baseline: 9, candidate: 4 }],
    }),
    gateView(agreement, numbers(agreement, [0, 512], [14, 512], { pairs: 512 })),
  ],
  notes: [
    note(0, 'started', 'digits-3 started by release-bot, plan 6be1a04f2c97'),
    note(0.9, 'step', 'v3 is ready and is asked the sets'),
    note(1.2, 'verdict', 'golden: pass (evidence against it 0.31, for it 4,000)'),
    note(2.4, 'host', 'the host ended; users were served throughout'),
    note(7.6, 'host', 'another host drives on'),
    note(7.75, 'verdict', 'errors: pass (evidence against it 0.45, for it 4,000)'),
    note(7.75, 'verdict', 'latency: pass (evidence against it 0.44, for it 4,000)'),
    note(13.75, 'step', 'canary 25 % (step 2 of 4), at least 3 s'),
    note(15, 'paused', 'paused by oncall: is it the labels or the model?'),
    note(18.25, 'resumed', 'resumed by oncall'),
    note(21.5, 'verdict', 'quality: fail (evidence against it 175.5, for it 0.00)'),
    note(21.68, 'taken-back', 'v2 answers everyone'),
    note(21.8, 'concluded', 'digits-3 is over: rolled-back'),
  ],
  timeline: [
    ...timeline(looks(21_500, 13_750), SHARES),
    ...timeline([{ ms: 21_680, step: 1, weightPpm: 0, still: false, phase: 'end' }], {}),
  ],
  changes: [
    { what: 'training data', baseline: 'sha256:5d20c4', candidate: 'sha256:e7b3a1' },
    { what: 'file models/model.safetensors', baseline: '402 KiB 5d20c4e1', candidate: '402 KiB e7b3a1f0' },
  ],
  affected: '214 requests of users were answered by v3, 9.6 % of all. 0 of all 2,225 failed.',
  nowSentence: 'v2 serves all users again, 0.18 s after the verdict. v3 is in quarantine.',
  asked: null,
  commands: [
    'slipway release report digits-3 --format html -o digits-3.html',
    `slipway quarantine lift ${standard.candidate.digest} --reason TEXT`,
  ],
  nextSentence: null,
  takebackMs: 180,
  unjudged: null,
  heldUntil: null,
  answers: [],
  quarantined: standard.candidate.digest,
}

const running: Partial<ReleaseView> = {
  endedAt: null,
  outcome: null,
  cause: null,
  exit: null,
  code: null,
  status: 'running',
  phase: 'steps',
  weightPpm: 250_000,
  measuredShare: 0.252,
  takebackMs: null,
  quarantined: null,
  now: START + 20_000,
  timeline: timeline(looks(20_000, 13_750), SHARES),
  notes: rolledBack.notes.slice(0, 10),
  nowSentence: '25 % of users get v3, all others v2.',
  affected: '160 requests of users were answered by v3 so far, 7.9 % of all. 0 of all 2,025 failed.',
  commands: ['slipway release watch digits-3', 'slipway release abort digits-3'],
}

/** The same release a moment before, with quality still open and in doubt, and latency without a verdict. */
export const inCanary: ReleaseView = {
  ...rolledBack,
  ...running,
  nextSentence: 'canary 50 % as soon as the gates allow; promoted at the earliest in 7 s',
  gates: rolledBack.gates.map((g) => {
    if (g.plan.name === 'quality')
      return gateView(quality, numbers(quality, [60, 1400], [150, 1300], { verdict: 'doubt', eFail: 12.4 }), {
        wouldChange:
          'At the rates seen, more traffic alone will not make it pass; the candidate would have to be better.',
      })
    if (g.plan.name === 'latency')
      return gateView(latency, numbers(latency, [190, 1900], [171, 1500], { more: 120 }), {
        wouldChange: 'About 120 more requests, 6 s at the traffic seen, would make it pass if the rates stay.',
      })
    return g
  }),
}

/** It is open whether it is slower than allowed; errors are waived. */
export const held: ReleaseView = {
  ...inCanary,
  status: 'held',
  plan: {
    ...plan,
    gates: [
      { ...errors, decides: false, waived: 'the gateway answers 503 on purpose during its drill' },
      latency,
      golden,
    ],
  },
  heldUntil: START + 86_400_000,
  unjudged: 'waived: errors (the gateway answers 503 on purpose during its drill)',
  asked: 'Decide before 2026-03-18 14:02:11 UTC, or everyone goes back to v2.',
  commands: ['slipway release accept digits-3 --reason TEXT', 'slipway release abort digits-3'],
  nextSentence: 'goes on by itself when every gate passes; else a person accepts or aborts',
  gates: inCanary.gates
    .filter((g) => g.plan.name !== 'quality')
    .map((g) =>
      g.plan.name === 'errors'
        ? { ...g, plan: { ...g.plan, decides: false, waived: 'the gateway answers 503 on purpose during its drill' } }
        : g,
    ),
}

/** The same, after a person took what was open for passed. */
export const accepted: ReleaseView = {
  ...held,
  status: 'concluded',
  outcome: 'promoted',
  cause: { kind: 'passed', accepted: [{ gates: ['latency'], by: 'ann', reason: 'checked by hand' }] },
  exit: 0,
  endedAt: START + 2500,
  heldUntil: null,
  asked: null,
}

/** A first release: readiness and a set. */
export const first: ReleaseView = {
  ...rolledBack,
  release: 'digits-1',
  plan: { ...plan, baseline: null, steps: [standard.steps[3]!], gates: [golden] },
  outcome: 'promoted',
  cause: { kind: 'passed' },
  exit: 0,
  code: null,
  baseline: null,
  candidate: { ...rolledBack.candidate, name: 'v1' },
  weightPpm: 1_000_000,
  step: 0,
  endedAt: START + 2500,
  requests: { total: 0, candidate: 0, failed: 0 },
  gates: [
    gateView(golden, {
      ...numbers(golden, [1, 2], [18, 400], passing),
      baselineRate: null,
      baselineN: 0,
      difference: null,
      low: null,
      high: null,
    }),
  ],
  notes: rolledBack.notes.slice(0, 2),
  timeline: [],
  changes: [],
  affected: 'No user was served by v1.',
  nowSentence: 'v1 serves all users.',
  commands: ['slipway rollback'],
  takebackMs: null,
  unjudged: 'first release: judged by golden alone; errors, latency and quality in traffic were not',
  quarantined: null,
}
