import { describe, expect, it } from 'vitest'
import { evidence, shownRate, signed, span, spokenTime, timeLeft } from '../../src/record/figures.ts'
import { GATES } from '../view/example.ts'

describe('figures', () => {
  it.each([
    [0, '0 s'],
    [180, '0.18 s'],
    [21_500, '21.5 s'],
    [59_960, '1 min'],
    [90_000, '1 min 30 s'],
    [3_599_800, '1 h'],
    [7_500_000, '2 h 5 min'],
    [97_200_000, '1 d 3 h'],
  ])('%i ms is %s', (ms, text) => expect(spokenTime(ms)).toBe(text))
  it('what is left is in whole seconds and never nothing', () => {
    expect([timeLeft(0), timeLeft(1200), timeLeft(61_000)]).toEqual(['1 s', '2 s', '1 min 1 s'])
  })
  it('a clock', () => expect([span(17_900), span(3_723_000)]).toEqual(['0:17', '1:02:03']))
  it('differences are worse by', () => {
    expect([signed(0.0834), signed(-0.0071), signed(0.0002), signed(-0.0002)]).toEqual([
      '+8.3',
      '\u22120.7',
      '0.0',
      '0.0',
    ])
  })
  it('e-values', () => {
    expect([1e9, 175.5, 58.84, 0.4449, 0.001].map(evidence)).toEqual([
      'over 1,000',
      '176',
      '58.8',
      '0.44',
      'under 0.01',
    ])
  })
  it('quality shows the good share, errors hundredths; nothing is no zero', () => {
    expect(shownRate(GATES.quality, 0.049)).toBe('95.1 %')
    expect(shownRate(GATES.errors, 0.0004)).toBe('0.04 %')
    expect(shownRate(GATES.latency, null)).toBe('-')
  })
})
