/** What is kept of single answers: labelled requests that changed, and whole answers where the configuration says so. */
import { afterAll, describe, expect, it } from 'vitest'
import type { ReleaseView } from '../../src/record/types.ts'
import type { UsersMet } from '../../src/view/met.ts'
import { running } from './killing.ts'
import { place } from './place.ts'
import { CALM, ERRORS } from './plans.ts'

const release = {
  steps: [
    { shadow: { fraction: '100%', noise: '20%' } },
    { canary: { weight: '50%', for: '2s' } },
    { full: { watch: '2s', keepWarm: '1s' } },
  ],
  gates: [ERRORS, CALM, { quality: { labels: true, margin: '5pp' } }],
  horizon: '60s',
}
const sets = { golden: { path: './golden.jsonl', evaluator: 'exact-match' } }
const evaluation = (keepAnswers: boolean) => ({ sets, labels: { arrive: '5s' }, keepAnswers })
const here = place({ config: { model: 'digits', release, evaluation: evaluation(true) } })
const { typed, seen } = here
const reported = async () => JSON.parse((await typed('release report --format json')).stdout) as ReleaseView

describe('a version that is wrong about some requests', () => {
  afterAll(() => {
    for (const pid of running(here.one, ['load'])) process.kill(pid, 'SIGTERM')
  })

  it('is taken back in shadow', async () => {
    expect(await typed('release start')).toMatchObject({ code: 0 })
    // Calls 5 and 6 low, of 0 to 10.
    await here.packed('v2', { threshold: 7 })
    const load = 'local load --set golden --rate 80 --for 10m --labels --label-delay 0s --detach'
    expect(await typed(load)).toMatchObject({ code: 0 })
    await expect.poll(async () => (await typed('plan digits:v2')).code, { timeout: 20_000 }).toBe(0)
    expect(await typed('release start digits:v2')).toMatchObject({ code: 3 })
  })

  it('leaves the requests that became wrong, with both answers and the label', async () => {
    const { view, users } = await seen<{ view: ReleaseView; users: UsersMet }>('release explain')
    const [met] = users.windows
    expect([met!.what, met!.versions.map(({ name }) => name)]).toEqual(['release', ['v1']])
    expect(met!.versions[0]!.requests).toBeGreaterThan(100)
    expect(met!.versions[0]!.requests).toBe(view.requests.baseline)
    const { newlyWrong } = view.gates.find((gate) => gate.plan.name === 'quality')!
    expect(newlyWrong.length).toBeGreaterThan(5)
    for (const example of newlyWrong)
      expect(example).toMatchObject({ expect: 'high', baseline: 'high', candidate: 'low' })
    expect((await typed('release explain')).stdout).toMatch(
      new RegExp(`^ {4}${newlyWrong[0]!.id}: right is "high", v1 "high", v2 "low"$`, 'm'),
    )
    expect((await typed('release report --format html')).stdout).toContain(newlyWrong[0]!.id)
  })

  it('leaves whole answers of pairs, those that disagree first', async () => {
    const { answers } = await reported()
    expect(answers).toHaveLength(20)
    expect(answers[0]).toMatchObject({ differ: true, baseline: { status: 200 }, candidate: { status: 200 } })
    const [asked, copied] = [answers[0]!.baseline!.text, answers[0]!.candidate!.text]
    expect(asked).toMatch(/^\{"label":"high","score":[56]\}$/)
    expect(copied).toBe(asked.replace('high', 'low'))
    const html = (await typed('release report --format html')).stdout
    expect(html).toContain(`<pre>${asked.replaceAll('"', '&quot;')}</pre>`)
    expect((await typed('release report')).stdout).toContain(copied)
  })

  it('leaves none without the key', async () => {
    here.one.config({ model: 'digits', release, evaluation: evaluation(false) })
    await here.packed('v3', { threshold: 8 })
    expect(await typed('release start digits:v3')).toMatchObject({ code: 3 })
    const { answers, gates } = await reported()
    expect(answers).toEqual([])
    expect(gates.find((gate) => gate.plan.name === 'quality')!.newlyWrong.length).toBeGreaterThan(0)
    expect((await typed('release report')).stdout).not.toContain('Whole answers')
  })
})

describe('an answer outside of a release', () => {
  it('may be labelled', async () => {
    const answer = await fetch(`${here.one.url}/predict`, { method: 'POST', body: '{"x": 9}' })
    const id = answer.headers.get('x-slipway-request-id')!
    const tried = () => typed(`label add ${id} high --dry-run`)
    await expect
      .poll(async () => (await tried()).stdout, { timeout: 10_000 })
      .toBe('1 label would join an answer; nothing was changed\n')
    expect(await typed(`label add ${id} high`)).toMatchObject({ code: 0, stdout: '1 label taken\n' })
    expect((await tried()).stdout).toBe('0 labels would join an answer, 1 has one already; nothing was changed\n')
    expect(await typed(`label add ${id} low`)).toMatchObject({
      code: 0,
      stdout: '0 labels taken, 1 had one already\n',
    })
    expect(await typed('label add never-asked low')).toMatchObject({
      code: 0,
      stdout: '0 labels taken, 1 of an id not known yet: kept, it joins its answer if that comes\n',
    })
  })
})
