// Serving while a training runs: p95 at 100 requests a second, alone and beside `train run`, alternated (limit: +20 %).
import { begin, ended, makeDemo, run } from '../quickstart/project.ts'

const ROUNDS = Number(process.argv[2] ?? 3)
const SECONDS = 12

interface Summary {
  readonly summary: {
    readonly answered: number
    readonly failed: number
    readonly latencyMs: { readonly p50: number; readonly p95?: number; readonly p90: number; readonly p99: number }
  }
}
const demo = await makeDemo()

async function load(): Promise<Summary['summary']> {
  const { code, stdout, stderr } = await run(demo, [
    'local',
    'load',
    '--set',
    'live',
    '--rate',
    '100',
    '--for',
    `${SECONDS}s`,
    '--json',
  ])
  if (code !== 0) throw new Error(stderr)
  const { summary } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Summary
  if (summary.failed > 0) throw new Error(`${summary.failed} requests failed`)
  return summary
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

try {
  const trained = await run(demo, [
    'train',
    'run',
    '--data',
    'data/good.jsonl',
    '--param',
    'rows=1500',
    '--param',
    'epochs=1',
    '--pack',
    '--tag',
    'v1',
  ])
  if (trained.code !== 0) throw new Error(trained.stderr)
  const released = await ended(begin(demo, ['release', 'start', 'digits:v1']))
  if (released.code !== 0) throw new Error(released.stderr)
  await load()
  const alone: number[] = []
  const beside: number[] = []
  for (let k = 0; k < ROUNDS; k++) {
    alone.push((await load()).latencyMs.p95 ?? Number.NaN)
    const job = begin(demo, [
      'train',
      'run',
      '--data',
      'data/good.jsonl',
      '--param',
      'hidden=256',
      '--param',
      'epochs=50',
    ])
    const over = ended(job)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    beside.push((await load()).latencyMs.p95 ?? Number.NaN)
    job.kill('SIGINT')
    await over
  }
  const [a, b] = [median(alone), median(beside)]
  console.log('| 100 requests/s, p95 of the users | alone | beside a training | change |\n|---|---|---|---|')
  console.log(
    `| median of ${ROUNDS} rounds of ${SECONDS} s | ${a.toFixed(2)} ms | ${b.toFixed(2)} ms | ${(100 * (b / a - 1)).toFixed(0)} % |`,
  )
} finally {
  await run(demo, ['local', 'down', '--force'])
}
