import { describe, expect, it } from 'vitest'
import type { ArmsBlock } from '../../src/evidence/types.ts'
import { feed, NEW_GATE } from '../../src/gates/gate.ts'

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

  it('are no counts where they cannot be', () => {
    const broken = { ...unsure, counts: arms(50, 40, 0, 40) }
    expect(feed(rule, NEW_GATE, 1, '1', broken)).toMatchObject({
      error: 'more bad than total',
      unsure: false,
      pending: {},
    })
  })
})
