// `npm run quickstart`: the main job on real digits; exit 0 only if everything came out as it should, causes included.
import { makeDemo } from './project.ts'
import { type Chapter, down, type Story, tellStory, trainAll } from './story.ts'

const EXPECTED: readonly Pick<Chapter, 'version' | 'outcome' | 'cause' | 'exit'>[] = [
  { version: 'v1', outcome: 'promoted', cause: 'passed', exit: 0 },
  { version: 'v2', outcome: 'promoted', cause: 'passed', exit: 0 },
  { version: 'v3', outcome: 'rolled-back', cause: 'quality', exit: 3 },
  { version: 'v4', outcome: 'rolled-back', cause: 'latency', exit: 3 },
  { version: 'v5', outcome: 'promoted', cause: 'passed', exit: 0 },
  { version: 'v3', outcome: 'refused', cause: 'QUARANTINED', exit: 10 },
]
const say = (line: string): void => console.log(line)
const count = (n: number): string => n.toLocaleString('en-US')

function table({ chapters }: Story): string {
  const rows = chapters.map((c) => [
    c.release,
    c.version,
    c.what,
    c.outcome,
    c.cause,
    String(c.exit ?? '-'),
    c.release === '-' ? '0' : count(c.users),
    c.takebackMs === null ? '-' : `${c.takebackMs} ms`,
    count(c.sent),
    count(c.failed),
  ])
  const all = [
    ['release', 'version', 'what it was', 'outcome', 'cause', 'exit', 'users on it', 'verdict→off', 'sent', 'failed'],
    ...rows,
  ]
  const widths = all[0]!.map((_, k) => Math.max(...all.map((row) => row[k]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, k) => cell.padEnd(widths[k]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What did not come out as it should. */
function faults({ chapters, load }: Story): string[] {
  const wrong = EXPECTED.flatMap((wanted, k) => {
    const got = chapters[k]
    const same =
      got &&
      got.version === wanted.version &&
      got.outcome === wanted.outcome &&
      got.cause === wanted.cause &&
      got.exit === wanted.exit
    return same
      ? []
      : [
          `${wanted.version}: expected ${wanted.outcome} (${wanted.cause}), exit ${wanted.exit}; got ${got?.outcome} (${got?.cause}), exit ${got?.exit}`,
        ]
  })
  if (load.failed > 0) wrong.push(`${load.failed} requests of users failed: ${JSON.stringify(load.failures)}`)
  return wrong
}

const began = performance.now()
const demo = await makeDemo()
say(`project: ${demo.folder}`)
try {
  await trainAll(demo, say)
  const story = await tellStory(demo, say)
  const wrong = faults(story)
  say(`\n${table(story)}\n`)
  say(`requests sent ${count(story.load.scheduled)}, failed ${count(story.load.failed)}`)
  say(`report of the version that was caught: ${story.report}`)
  say(`took ${Math.round((performance.now() - began) / 1000)} s`)
  for (const line of wrong) say(`not as it should be: ${line}`)
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  await down(demo)
}
