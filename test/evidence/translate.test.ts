import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Counted, differences, unread } from '../../src/evidence/translate.ts'
import type { ArmsBlock, Counts, GateCounter } from '../../src/evidence/types.ts'

const arms = (xc: number, nc: number, xb: number, nb: number, xw?: number): ArmsBlock => ({
  kind: 'arms',
  xc,
  nc,
  xb,
  nb,
  ...(xw === undefined ? {} : { xw }),
})
const counter = (counts: Counts, gate = 'errors', step = 1): GateCounter => ({
  gate,
  release: 'digits-1',
  step,
  counts,
})

describe('differences', () => {
  it('takes the first reading whole and of later ones what was added', () => {
    const first = differences({}, [counter(arms(1, 10, 0, 90))])
    expect(first.evidence).toEqual([{ gate: 'errors', step: 1, block: arms(1, 10, 0, 90) }])
    const second = differences(first.counted, [counter(arms(1, 14, 2, 100))])
    expect(second.evidence).toEqual([{ gate: 'errors', step: 1, block: arms(0, 4, 2, 10) }])
    expect(differences(second.counted, [counter(arms(1, 14, 2, 100))]).evidence).toEqual([])
  })

  it('keeps gates and steps apart, and what a reading leaves out as it was', () => {
    const { counted } = differences({}, [counter(arms(0, 5, 0, 5), 'a b', 1), counter(arms(0, 7, 0, 7), 'a', 2)])
    const next = differences(counted, [counter(arms(0, 6, 0, 6), 'a b', 1)])
    expect(next.evidence).toEqual([{ gate: 'a b', step: 1, block: arms(0, 1, 0, 1) }])
    expect(next.counted).toEqual({ 'a b 1': arms(0, 6, 0, 6), 'a 2': arms(0, 7, 0, 7) })
  })

  it('begins at 0 with a new boot: the caller forgets what was counted', () => {
    expect(differences({}, [counter(arms(0, 3, 0, 3))]).evidence).toEqual([
      { gate: 'errors', step: 1, block: arms(0, 3, 0, 3) },
    ])
  })

  it('counts what the watch would count beside it', () => {
    const { counted } = differences({}, [counter(arms(0, 10, 4, 10, 1))])
    expect(differences(counted, [counter(arms(0, 20, 9, 20, 3))]).evidence[0]!.block).toEqual(arms(0, 10, 5, 10, 2))
  })

  it('calls a counter that went backwards a fault, and goes on from where it is', () => {
    const before: Counted = { 'errors 1': arms(5, 50, 5, 50) }
    const fall = differences(before, [counter(arms(0, 3, 0, 3))])
    expect(fall.evidence).toEqual([{ gate: 'errors', step: 1, block: { error: 'a counter went backwards' } }])
    expect(differences(before, [counter(arms(5, 50, 4, 60))]).evidence[0]!.block).toHaveProperty('error')
    expect(differences(fall.counted, [counter(arms(0, 4, 0, 4))]).evidence[0]!.block).toEqual(arms(0, 1, 0, 1))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, null as unknown as number, '7' as unknown as number])(
    'takes no count from %s',
    (bad) => {
      const before: Counted = { 'errors 1': arms(0, 5, 0, 5) }
      const fault = differences(before, [counter(arms(0, bad, 0, 6))])
      expect(fault.evidence[0]!.block).toEqual({ error: 'not a number' })
      expect(differences(fault.counted, [counter(arms(0, 9, 0, 9))]).evidence[0]!.block).toEqual(arms(0, 4, 0, 4))
    },
  )

  it('refuses a counter that became one of another kind', () => {
    const before: Counted = { 'errors 1': { kind: 'pairs', x10: 0, x01: 0, x11: 0, n: 3 } }
    expect(differences(before, [counter(arms(0, 9, 0, 9))]).evidence[0]!.block).toHaveProperty('error')
  })

  it('adds up to the last reading, however often it is read, over boots too', () => {
    const step = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9), fc.boolean())
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let [now, counted, sum, all] = [[0, 0, 0, 0], {} as Counted, [0, 0, 0, 0], [0, 0, 0, 0]]
        for (const [a, b, c, d, reboot] of steps) {
          if (reboot) [now, counted] = [[0, 0, 0, 0], {}]
          const more = [a, a + b, c, c + d]
          now = now.map((n, i) => n + more[i]!)
          all = all.map((n, i) => n + more[i]!)
          const read = differences(counted, [counter(arms(now[0]!, now[1]!, now[2]!, now[3]!))])
          counted = JSON.parse(JSON.stringify(read.counted)) as Counted
          for (const { block } of read.evidence)
            if ('kind' in block && block.kind === 'arms')
              sum = [sum[0]! + block.xc, sum[1]! + block.nc, sum[2]! + block.xb, sum[3]! + block.nb]
        }
        expect(sum).toEqual(all)
      }),
    )
  })
})

it('no reading is a fault of each gate', () => {
  expect(unread(['a', 'b'], 2, 'no reading for 5 s')).toEqual([
    { gate: 'a', step: 2, block: { error: 'no reading for 5 s' } },
    { gate: 'b', step: 2, block: { error: 'no reading for 5 s' } },
  ])
})
