/** What a release looks like to who asks, from plan to report, with real traffic. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { malformed } from '../view/markup.ts'
import { place } from './place.ts'
import { CALM, ERRORS, short } from './plans.ts'

const GATES = [ERRORS, CALM, { quality: { set: 'golden', margin: '10pp' } }]
const here = place({ config: { model: 'digits', release: short({ shadow: true, canary: '8s', gates: GATES }) } })
const { typed } = here
const file = (path: string): string => readFileSync(join(here.one.folder, path), 'utf8')
const ok = (shows: string) => ({ code: 0, stdout: expect.stringContaining(shows) })

describe('a first release', () => {
  it('is planned and explained as one that is compared with nothing', async () => {
    expect(await here.one.fails(['release', 'status'])).toMatchObject({ exit: 2, code: 'RELEASE_UNKNOWN' })
    expect(await typed('plan')).toMatchObject(ok('against nothing: a first release'))
    expect(await typed('release start')).toMatchObject({ code: 0 })
    expect(await typed('release explain')).toMatchObject(ok('Not judged: first release'))
  })
})

describe('a release against what serves', () => {
  it('is planned: the file starts exactly this plan, and another file does not', async () => {
    here.come(80)
    await here.users.more(160)
    // Answers like v1, by other bytes.
    await here.packed('v2', { threshold: 4.5 })
    const planned = await typed('plan digits:v2 -o plan.json')
    expect(planned).toMatchObject(ok('next: slipway release start digits:v2 --plan plan.json'))
    const { hash } = await here.seen<{ hash: string }>('plan digits:v2')
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    const plan = JSON.parse(file('plan.json'))
    const { steps } = plan
    here.one.write('other.json', JSON.stringify({ ...plan, alpha: 0.1 }))
    const start = ['release', 'start', 'digits:v2', '--plan']
    expect(await here.one.fails([...start, 'other.json'])).toMatchObject({ exit: 9, code: 'PLAN_CHANGED' })
    expect(await here.one.fails([...start, 'f'.repeat(64)])).toMatchObject({ exit: 2, code: 'PLAN_UNKNOWN' })
    expect(steps.map((step: { kind: string }) => step.kind)).toEqual(['shadow', 'canary', 'full'])
    const started = await typed('release start digits:v2 --plan plan.json --detach')
    expect(started).toMatchObject({ code: 0 })
  })

  it('is seen while it runs', async () => {
    const [status, report] = await Promise.all([typed('release status'), typed('release report --format html')])
    expect(status).toMatchObject(ok('digits-2'))
    expect(report).toMatchObject(ok('running</span>'))
    expect(malformed(report.stdout)).toBeNull()
  })

  it('is watched to its end: a line an event, and a report by its ending', async () => {
    const watched = await typed('release watch digits-2 --report digits-2.html')
    expect(watched).toMatchObject(ok('was promoted after'))
    expect(watched.stdout).not.toContain('\u001b')
    expect(
      watched.stdout.split('\n').filter((line) => /^\d\d:\d\d:\d\d {2}digits-2 {2}step /.test(line)).length,
    ).toBeGreaterThan(2)
    expect(malformed(file('digits-2.html'))).toBeNull()
    const again = await typed('release watch --json')
    const lines = again.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(new Set(lines.map((line) => line.$schema))).toEqual(
      new Set(['slipway.dev/note/v1', 'slipway.dev/release-end/v1']),
    )
    expect(lines.at(-1)).toMatchObject({ release: 'digits-2', exit: 0, view: { outcome: 'promoted' } })
  })

  it('is explained, gate by gate', async () => {
    const all = await typed('release explain')
    for (const gate of ['errors', 'latency', 'quality']) expect(all.stdout).toMatch(new RegExp(`^${gate}$`, 'm'))
    expect(all.stdout.trimEnd().split('\n').at(-1)).toMatch(/^next: slipway /)
    const one = await typed('release explain digits-2 --gate quality')
    expect(one).toMatchObject(ok('\nquality\n'))
    expect(one.stdout).not.toMatch(/^errors$/m)
    expect(await here.one.fails(['release', 'explain', '--gate', 'qualty'])).toMatchObject({
      exit: 2,
      code: 'USAGE',
      next: ['slipway release explain digits-2 --gate quality'],
    })
  })

  it('is reported in every format', async () => {
    expect(await typed('release report')).toMatchObject(ok('# digits\\-2 in dev: promoted'))
    const html = await typed('release report digits-2 --format html -o digits-2.html')
    expect(html).toMatchObject(ok('report of digits-2: digits-2.html'))
    expect(await typed('release report -o digits-2.xml')).toMatchObject({ code: 0 })
    expect(malformed(file('digits-2.xml'))).toBeNull()
    expect(await typed('release report -o digits-2.json')).toMatchObject({ code: 0 })
    expect(JSON.parse(file('digits-2.json'))).toMatchObject({ release: 'digits-2', outcome: 'promoted' })
    expect(await here.one.fails(['release', 'report', '-o', 'report.doc'])).toMatchObject({ exit: 2, code: 'USAGE' })
    expect(existsSync(join(here.one.folder, 'report.doc'))).toBe(false)
  })

  it('is listed', async () => {
    expect(await typed('release status digits-2 --json')).toMatchObject(ok('"$schema":"slipway.dev/release/v1"'))
    const all = await typed('release history')
    expect(all.stdout).toMatch(/^digits-2 .*promoted.*\ndigits-1 .*promoted/m)
    expect(await typed('release history --limit 5')).toMatchObject(ok('digits-1'))
    expect((await typed('release history --limit 1')).stdout).toContain('1 older: slipway release history --limit 2')
  })
})
