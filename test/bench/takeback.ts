// From the last answer that the verdict needed to 100 % on the baseline, 100 times under load; every fourth with the candidate stopped.
// node test/bench/takeback.ts [COUNT]
import { scenario } from '../scenarios/harness.ts'
import { short } from '../scenarios/plans.ts'
import { takenBack } from '../scenarios/taking-back.ts'
import { begin } from '../scenarios/users.ts'

const count = Number(process.argv[2] ?? 100)
const gates = [{ errors: { margin: '10pp' } }, { latency: { of: 'total', above: '250ms', margin: '20pp' } }]
const one = await scenario({ config: { release: short({ canary: '60s', gates }) }, after: () => {} })
const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
try {
  const first = await one.run(['release', 'start'])
  if (first.code !== 0) throw new Error(first.stderr)
  const users = begin({ url: one.url, rate: 100 })
  const [acted, seen]: [number[], number[]] = [[], []]
  for (let k = 0; k < count; k++) {
    const came = await takenBack(one, users, k, k % 4 === 3)
    if (came.outcome !== 'rolled-back') throw new Error(`release ${k + 2}: ${came.outcome}`)
    acted.push(came.takebackMs ?? Number.NaN)
    seen.push(came.lastAnswerToOffMs)
  }
  await users.stop()
  for (const [what, values] of [
    ['verdict to orders acted on', acted],
    ['look before the verdict to last request on the candidate', seen],
  ] as const) {
    const sorted = [...values].sort((a, b) => a - b)
    console.log(`${what}: p50 ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms, most ${sorted.at(-1)} ms of ${count}`)
  }
} finally {
  await one.clean()
}
