import { describe, expect, it } from 'vitest'
import type { ArmsBlock } from '../../src/evidence/types.ts'
import { feed, NEW_GATE, verdictOf } from '../../src/gates/gate.ts'

const arms = (xc: number, nc: number, xb: number, nb: number): ArmsBlock => ({ kind: 'arms', xc, nc, xb, nb })

describe('counts that must not decide yet', () => {
  const rule = { delta: 0.05, r: 1, phi: 1, horizon: 100 }
  const unsure = { error: 'uneven', unsure: true as const, counts: arms(3, 40, 1, 40) }

  it('wait, and count once with the next that may', () => {
    const waiting = feed(rule, feed(rule, NEW_GATE, 1, '1', unsure), 2, '1', unsure)
    expect(waiting).toMatchObject({ error: 'uneven', unsure: true, strata: {}, lnFail: 0, lnPass: 0 })
    const after = feed(rule, waiting, 3, '1', arms(0, 10, 0, 10))
    expect(after).toMatchObject({ error: null, unsure: false, pending: {}, strata: { '1/arms': arms(6, 90, 2, 90) } })
    expect(feed(rule, after, 4, '1', arms(0, 10, 0, 10)).strata['1/arms']).toEqual(arms(6, 100, 2, 100))
  })

  it('hold a pass back whatever comes of another step', () => {
    const waiting = feed(rule, { ...NEW_GATE, passed: true }, 1, '1', unsure)
    const shadow = feed(rule, waiting, 2, '0', { kind: 'pairs', x10: 0, x01: 0, x11: 0, n: 40 })
    expect(shadow).toMatchObject({ error: 'uneven', unsure: true, pending: { '1/arms': unsure.counts } })
    expect(shadow.strata['0/pairs']).toMatchObject({ n: 40 })
    expect(verdictOf(shadow)).toBe('inconclusive')
    const other = feed(rule, shadow, 3, '2', { ...unsure, error: 'uneven too' })
    const first = feed(rule, other, 4, '1', arms(0, 10, 0, 10))
    expect(first).toMatchObject({ error: 'uneven too', unsure: true, strata: { '1/arms': arms(3, 50, 1, 50) } })
    expect(verdictOf(feed(rule, first, 5, '2', arms(0, 10, 0, 10)))).toBe('pass')
    // A fault hides that they wait only until the next good block.
    const broken = feed(rule, waiting, 2, '0', { error: 'down' })
    expect(verdictOf(broken)).toBe('error')
    expect(verdictOf(feed(rule, broken, 3, '0', arms(0, 10, 0, 10)))).toBe('inconclusive')
  })

  it('are no counts where they cannot be', () => {
    const broken = { ...unsure, counts: arms(50, 40, 0, 40) }
    expect(feed(rule, NEW_GATE, 1, '1', broken)).toMatchObject({
      error: 'more bad than total',
      unsure: false,
      pending: {},
    })
  })
})
