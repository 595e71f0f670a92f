/** Anything may be killed at any moment: 11 moments here, as many more as SLIPWAY_KILLS says; SLIPWAY_SEED repeats a run. */
import { describe, expect, it } from 'vitest'
import { freePorts, type Scenario } from './harness.ts'
import { type Came, faultsOf, killedAt, type Moment, type Phase, running, TARGETS, type Target } from './killing.ts'
import { type Place, place } from './place.ts'
import { CALM, ERRORS, short, swap } from './plans.ts'
import { eventually } from './waits.ts'

const seed = Number(process.env.SLIPWAY_SEED ?? Date.now() % 1_000_000)
const count = Number(process.env.SLIPWAY_KILLS ?? 11)

/** Numbers 0 <= x < 1 (mulberry32). */
function numbers(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The moments of every run, in the order in which they come: each target and each phase once or more. */
const FIRST: readonly [Phase, Target, boolean][] = [
  ['shadow', 'host', true],
  ['canary', 'command', true],
  ['canary', 'host', false],
  ['canary', 'data-plane', true],
  ['watch', 'host', false],
  ['watch', 'server', true],
  ['watch', 'all', true],
  ['held', 'host', true],
  ['swap', 'host', true],
  ['swap', 'data-plane', true],
  ['swap-watch', 'host', false],
]
const BESIDE: readonly Phase[] = ['shadow', 'canary', 'watch', 'held', 'canary', 'watch']
const SWAPPED: readonly Phase[] = ['swap', 'swap-watch']
const random = numbers(seed)
const moments: Moment[] = Array.from({ length: count }, (_, k) => {
  const phases = k % 4 === 3 ? SWAPPED : BESIDE
  const [phase, target, good] = FIRST[k] ?? [
    phases[Math.floor(random() * phases.length)]!,
    TARGETS[Math.floor(random() * TARGETS.length)]!,
    random() < 0.6,
  ]
  // Before users are on it, and while it is held, nothing tells a bad candidate from a good one here.
  const told = phase !== 'held' && phase !== 'shadow' && phase !== 'swap'
  return { phase, target, good: good || !told, delayMs: random() * 1500, pick: random() }
})
const swapped = ({ phase }: Moment): boolean => SWAPPED.includes(phase)

const gates = [{ errors: { margin: '30pp' } }, CALM]
const BESIDE_PLAN = short({ shadow: true, canary: '3s', watch: '4s', gates })
const HELD_PLAN = short({
  watch: '3s',
  gates: [{ quality: { set: 'golden', margin: '9pp' } }, ...gates],
  more: { onInconclusive: { hold: '10m' } },
})
const table: string[] = []

async function goThrough(here: Place, list: readonly Moment[], configure: (one: Scenario, m: Moment) => void) {
  here.one.model({ threshold: 5 })
  expect(await here.typed('release start')).toMatchObject({ code: 0 })
  here.come(100)
  await here.users.more(50)
  const wrong: string[] = []
  let odd = false
  for (const [k, planned] of list.entries()) {
    // One that was held and accepted serves: another of its kind would be equal to it, and not be held.
    const moment: Moment = planned.phase === 'held' && odd ? { ...planned, phase: 'canary' } : planned
    configure(here.one, moment)
    // Another version each time; of a held one the lines with x = 5 come out otherwise than the baseline's.
    const threshold = moment.phase === 'held' ? 5.5 : 5 - (k + 1) / 1000
    here.one.model({ threshold, ...(moment.good ? {} : { failFrom: 50 }) })
    const came: Came = await killedAt(here, moment)
    if (came.outcome === 'promoted') odd = moment.phase === 'held'
    table.push(
      [
        moment.phase,
        came.candidateHit ? "the candidate's server" : moment.target,
        moment.good ? 'good' : 'bad',
        `${Math.round(moment.delayMs)} ms`,
        came.outcome,
      ]
        .concat(JSON.stringify(came.lost), `silent ${came.silentMs} ms`)
        .join(' | '),
    )
    wrong.push(...faultsOf(moment, came))
  }
  expect(wrong.join('\n')).toBe('')
}

describe(`kill -9, seed ${seed}`, () => {
  const here = place()
  const beside = moments.filter((moment) => !swapped(moment))
  it(`${beside.length} moments of releases beside the version that serves`, { timeout: beside.length * 60_000 }, () =>
    goThrough(here, beside, (one, { phase }) => one.config({ release: phase === 'held' ? HELD_PLAN : BESIDE_PLAN })),
  )

  it('a data plane alone starts a host that ends the release', { timeout: 90_000 }, async () => {
    const { one } = here
    one.config({ release: BESIDE_PLAN })
    one.model({ threshold: 4.5 })
    expect(await here.typed('release start --detach')).toMatchObject({ code: 0 })
    const before = running(one, ['host'])
    expect(before).toHaveLength(1)
    process.kill(before[0]!, 'SIGKILL')
    // One that another was quicker than may live for a moment.
    await eventually('one host, and another', () => {
      const [now, ...more] = running(one, ['host'])
      return now !== undefined && now !== before[0] && more.length === 0
    })
    expect(await here.typed('release watch')).toMatchObject({ code: 0 })
  })
})

describe(`kill -9 in a swap, seed ${seed}`, () => {
  const moved = moments.filter(swapped)
  const here = place()
  const release = swap({
    steps: [{ swap: { wait: '60s', watch: '4s' } }],
    gates: [{ quality: { set: 'golden', margin: '5pp' } }, ERRORS],
  })
  it(`${moved.length} moments`, { timeout: moved.length * 90_000 }, async () => {
    const [port] = await freePorts(1)
    const command = ['node', 'server.mjs', '--port', String(port), '--model', '{model}']
    const config = { serving: { command, port }, release }
    here.one.config(config)
    await goThrough(here, moved, (one) => one.config(config))
  })

  it('all of them', () => {
    console.log(`kill -9, seed ${seed}\n${table.join('\n')}`)
  })
})
