// Control runs of the quickstart: the outcomes come from the data and from the gates, and from nothing else.
// `node test/quickstart/control.ts` runs both; with the data of v2 and v3 exchanged the outcomes change places, and without
// the quality gate v3 is promoted.
import { makeDemo } from './project.ts'
import { type Chapter, down, releaseAll, trainAll } from './story.ts'

export interface Control {
  readonly name: string
  /** Latency is not the point here: `slow` is a bound that only a machine at its end would pass. */
  readonly options: { readonly quality?: boolean; readonly exchanged?: boolean; readonly slow: string }
  /** Version, outcome and cause, in the order of release. */
  readonly expected: readonly (readonly [string, string, string])[]
}
export const CONTROLS: readonly Control[] = [
  {
    name: 'data of v2 and v3 exchanged',
    options: { exchanged: true, slow: '250ms' },
    expected: [
      ['v1', 'promoted', 'passed'],
      ['v2', 'rolled-back', 'quality'],
      ['v3', 'promoted', 'passed'],
    ],
  },
  {
    name: 'without the quality gate',
    options: { quality: false, slow: '250ms' },
    expected: [
      ['v1', 'promoted', 'passed'],
      ['v3', 'promoted', 'passed'],
    ],
  },
]

/** Trains and releases the versions of a control run under traffic; what came out otherwise than it must. */
export async function control({ name, options, expected }: Control, tell: (line: string) => void): Promise<string[]> {
  const demo = await makeDemo(options)
  const versions = expected.map(([version]) => version)
  try {
    await trainAll(demo, tell, versions)
    const chapters: readonly Chapter[] = await releaseAll(demo, versions, tell)
    return expected.flatMap(([version, outcome, cause], k) => {
      const got = chapters[k]
      const same = got?.outcome === outcome && got.cause === cause
      return same ? [] : [`${name}: ${version} came out as ${got?.outcome} (${got?.cause}), not ${outcome} (${cause})`]
    })
  } finally {
    await down(demo)
  }
}

if (import.meta.main) {
  const wrong: string[] = []
  for (const run of CONTROLS) {
    console.log(run.name)
    wrong.push(...(await control(run, (line) => console.log(`  ${line}`))))
  }
  for (const line of wrong) console.log(`not as it should be: ${line}`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
