/** Every view of made-up releases, kept as files: a change of a view is seen as a change of what people read. */
import { expect, it } from 'vitest'
import { forecast } from '../../src/gates/forecast.ts'
import { PLAIN } from '../../src/kit/screen.ts'
import { planHash } from '../../src/plan/hash.ts'
import { explainText } from '../../src/view/explain.ts'
import { historyText } from '../../src/view/history.ts'
import type { UsersMet } from '../../src/view/met.ts'
import { planText } from '../../src/view/plan.ts'
import { releaseEndText } from '../../src/view/release-end.ts'
import { reportHtml } from '../../src/view/report/html.ts'
import { reportJunit } from '../../src/view/report/junit.ts'
import { reportMarkdown } from '../../src/view/report/markdown.ts'
import { timelineSvg } from '../../src/view/report/timeline.ts'
import { statusText } from '../../src/view/status.ts'
import { watchLines } from '../../src/view/watch.ts'
import { traffic } from '../gates/example.ts'
import { first, held, inCanary, rolledBack, START } from './example.ts'

const SILENT = { asking: false, said: null }
const watch = (view: typeof held, width: number, unicode = true) =>
  `${watchLines(view, SILENT, width, { width, colour: false, unicode }).join('\n')}\n`

const { plan } = rolledBack
const met = (name: string, requests: number, failed: number, p50Ms: number | null, p95Ms: number | null) => ({
  ...{ name, digest: `sha256:${name}`, requests, failed, p50Ms, p95Ms },
})
const MET: UsersMet = {
  windows: [
    {
      what: 'release',
      from: START,
      to: START + 60_000,
      versions: [met('v2', 1204, 0, null, null), met('v3', 1, 1, null, null)],
    },
    { what: 'since', from: START + 60_000, to: START + 30_000_000, versions: [met('v2', 88_123, 92, 2.8, 1903)] },
    { what: 'hour', from: START + 26_400_000, to: START + 30_000_000, versions: [met('v2', 9120, 0, 2.8, 6.7)] },
  ],
  worst: { at: START + 11_000_000, digest: 'sha256:v2', name: 'v2', requests: 310, failed: 14 },
}
const whole = {
  plan,
  hash: planHash(plan),
  forecast: forecast(plan, traffic()),
  warnings: ['its weights are those of v7, which is in quarantine: quality failed'],
  unlikely: null,
  refused: [],
  changes: [{ what: 'horizonMs', before: '60000', after: '90000' }],
  against: 'digits-2',
  file: 'plan.json',
  kept: true,
  undo: 'rm plan.json',
  room: {
    memoryBytes: 16 * 2 ** 30,
    availableBytes: 9 * 2 ** 30,
    cores: 8,
    cards: [
      { memoryBytes: 24 * 2 ** 30, freeBytes: 18 * 2 ** 30, whole: false },
      { memoryBytes: 24 * 2 ** 30, freeBytes: 24 * 2 ** 30, whole: true },
    ],
  },
  loadMs: { candidate: null, baseline: 4200 },
  start: 'slipway release start --plan plan.json',
}
const planned = planText(whole, PLAIN)
/** Versions that do not fit at once, on a machine whose host says so. */
const swapped = planText(
  {
    ...whole,
    plan: { ...plan, steps: [{ kind: 'swap', waitMs: 120_000, watchMs: 4000, gates: [] }] },
    changes: [],
    undo: null,
  },
  PLAIN,
)
const firstPlanned = planText(
  { ...whole, plan: first.plan, forecast: forecast(first.plan, traffic()), changes: [], room: null, undo: null },
  PLAIN,
)
const taken = {
  name: 'digits-3',
  n: 3,
  environment: 'dev',
  model: 'digits',
  candidate: plan.candidate.digest,
  candidateTag: 'v3',
  baseline: `sha256:${'1'.repeat(64)}`,
  baselineTag: null,
  planHash: planHash(plan),
  by: 'release-bot',
  startedAt: START,
  endedAt: START + 21_800,
  outcome: 'rolled-back',
  exit: 3,
  code: 'GATE_FAILED',
  blame: 'quality',
  status: 'concluded',
} as const
const open = { ...taken, endedAt: null, outcome: null, exit: null, code: null, blame: null }
const history = historyText(
  {
    environment: 'dev',
    serving: 'v2',
    older: 2,
    releases: [
      { ...open, name: 'digits-6', candidateTag: 'v6', startedAt: START + 500_000, status: 'running' },
      { ...open, name: 'digits-5', candidateTag: 'v5', startedAt: START + 400_000, status: 'paused' },
      { ...open, name: 'digits-4', candidateTag: 'v4', startedAt: START + 300_000, status: 'held' },
      taken,
    ],
    moves: [
      {
        at: START + 100_000,
        to: { digest: `sha256:${'1'.repeat(64)}`, tag: 'v1' },
        from: { digest: plan.candidate.digest, tag: 'v2' },
        by: 'oncall',
        reason: 'complaints',
      },
    ],
  },
  PLAIN,
)

for (const [file, text] of [
  ['watch.txt', watch(inCanary, 110)],
  ['watch-narrow.txt', watch(inCanary, 60)],
  ['watch-80.txt', watch(inCanary, 80)],
  ['watch-50.txt', watch(inCanary, 50)],
  ['watch-30.txt', watch(inCanary, 30)],
  ['watch-ascii.txt', watch(held, 100, false)],
  ['explain.txt', explainText({ view: rolledBack, gate: null, users: null }, PLAIN)],
  ['explain-held.txt', explainText({ view: held, gate: null, users: null }, PLAIN)],
  ['explain-gate.txt', explainText({ view: inCanary, gate: 'latency', users: null }, PLAIN)],
  ['explain-users.txt', explainText({ view: rolledBack, gate: 'errors', users: MET }, PLAIN)],
  ['explain-none.txt', explainText({ view: null, gate: null, users: MET }, PLAIN)],
  ['explain-first.txt', explainText({ view: first, gate: null, users: null }, PLAIN)],
  ['status.txt', statusText(inCanary, PLAIN)],
  ['end.txt', releaseEndText({ text: '', view: rolledBack }, PLAIN)],
  ['history.txt', history],
  ['plan.txt', planned],
  ['plan-swap.txt', swapped],
  ['plan-first.txt', firstPlanned],
  ['report/rolled-back.md', reportMarkdown(rolledBack)],
  ['report/first.md', reportMarkdown(first)],
  ['report/rolled-back.xml', reportJunit(rolledBack)],
  ['report/held.xml', reportJunit(held)],
  ['report/timeline.svg', timelineSvg(rolledBack)],
] as const)
  it(file, () => expect(text).toMatchFileSnapshot(`../golden/${file.includes('/') ? file : `view/${file}`}`))

it('each gate keeps its verdict, however narrow the screen is', () => {
  for (let width = 24; width <= 120; width++) {
    const lines = watch(inCanary, width).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
    for (const [gate, verdict] of [
      ['errors', 'pass'],
      ['quality', 'doubt'],
      ['agreement', 'report'],
    ] as const)
      expect(lines.find((line) => line.startsWith(` ${gate}`))).toMatch(new RegExp(`${verdict}|more: `))
  }
})

it('says how many failures are in no step, of a release that saw more than it compared', () => {
  expect(reportMarkdown(rolledBack)).not.toContain('count for no step')
  const requests = { total: 7906, candidate: 214, failed: 4728 }
  const said = '4,728 more of the 4,728 failed requests count for no step'
  expect(reportMarkdown({ ...rolledBack, requests })).toContain(said)
  expect(reportHtml({ ...rolledBack, requests }).replaceAll('\u00a0', ' ')).toContain(said)
})
