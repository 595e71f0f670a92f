import { describe, expect, it } from 'vitest'
import { columnsOf, cut, shownOn } from '../../src/view/columns.ts'
import { type Drawn, redraw } from '../../src/view/redraw.ts'
import { watchLines } from '../../src/view/watch.ts'
import { held, inCanary, rolledBack } from './example.ts'

const SIZE = { columns: 40, rows: 10 }

/** What a terminal shows after the writes: rows of text. */
function screen(): { write(text: string): void; readonly rows: string[] } {
  const rows: string[] = []
  let row = 0
  return {
    rows,
    write(text) {
      for (const [, r, clear, rest] of text.matchAll(
        /\u001b\[(\d+);1H|\u001b\[(2J)|\u001b\[0m\u001b\[K|([^\u001b]+)/g,
      )) {
        if (clear) rows.length = 0
        else if (r) {
          row = Number(r) - 1
          rows[row] = ''
        } else if (rest) rows[row] = rest
      }
    },
  }
}

describe('redraw', () => {
  const draw = (frames: readonly (readonly string[])[], sizes = frames.map(() => SIZE)) => {
    const shown = screen()
    const written: string[] = []
    let drawn: Drawn | null = null
    frames.forEach((lines, i) => {
      const next = redraw(drawn, lines, sizes[i]!)
      drawn = next.drawn
      written.push(next.text)
      shown.write(next.text)
    })
    return { shown: shown.rows, written }
  }
  it('writes only the lines that changed', () => {
    const { shown, written } = draw([
      ['a', 'b', 'c'],
      ['a', 'B', 'c'],
      ['a', 'B', 'c'],
    ])
    expect(written[1]).toContain('B')
    expect(written[1]).not.toMatch(/[ac]/)
    expect(written[2]).toBe('')
    expect(shown).toEqual(['a', 'B', 'c'])
  })
  it('takes lines away that are no more', () => {
    expect(
      draw([
        ['a', 'b', 'keys'],
        ['a', 'keys'],
      ]).shown,
    ).toEqual(['a', 'keys', ''])
  })
  it('draws everything anew in a window of another size, and keeps the keys in a low one', () => {
    const { shown } = draw(
      [
        ['a', 'b', 'c', 'keys'],
        ['a', 'b', 'c', 'keys'],
      ],
      [SIZE, { columns: 40, rows: 3 }],
    )
    expect(shown).toEqual(['a', 'b', 'keys'])
  })
})

describe('lines', () => {
  it.each([20, 40, 60, 80, 110, 200])('never pass %i columns', (width) => {
    for (const view of [rolledBack, inCanary, held])
      for (const colour of [false, true])
        for (const line of watchLines(view, { asking: false, said: 'x'.repeat(300) }, width, {
          width,
          colour,
          unicode: true,
        }))
          expect(columnsOf(line)).toBeLessThanOrEqual(width)
  })
  it('are ASCII where the locale is', () => {
    for (const view of [rolledBack, inCanary, held])
      expect(
        watchLines(view, { asking: true, said: null }, 100, { width: 100, colour: false, unicode: false }).join(''),
      ).toMatch(/^[\x20-\x7e]*$/)
  })
  it('count wide letters twice and paint not at all', () => {
    expect(columnsOf('版本\u001b[31mx\u001b[39m')).toBe(5)
    expect(cut('版本本本', 5)).toBe('版本…')
    expect(cut('\u001b[31mabcdef\u001b[39m', 4)).toBe('\u001b[31mabc…\u001b[0m')
    expect(shownOn({ unicode: false }, '− …█é')).toBe('- ~#?')
  })
})
