import { describe, expect, it } from 'vitest'
import type { Outcome, PersonVerb, ReleaseState } from '../../src/release/types.ts'
import { type Column, columns } from './columns.ts'

interface Cell {
  readonly refused?: RegExp
  /** After the verb itself. */
  readonly status?: ReleaseState['status']
  readonly nothing?: true
  /** After all has come to its end. */
  readonly outcome?: Outcome
  readonly cause?: string
  readonly users?: 'baseline' | 'other'
}
const home = (outcome: Outcome): Cell => ({ outcome, cause: 'person', users: 'baseline' })
const ended = /ended/

const TABLE: Record<PersonVerb, Record<Column, Cell>> = {
  pause: {
    running: { status: 'paused' },
    paused: { nothing: true },
    held: { refused: /held/ },
    watch: { status: 'paused' },
    'swap before open': { refused: /users wait/ },
    'concluded, promoted': { refused: ended },
    'concluded, aborted': { refused: ended },
    'concluded, rolled back': { refused: ended },
  },
  resume: {
    running: { nothing: true },
    paused: { status: 'running' },
    held: { refused: /held, not paused/ },
    watch: { nothing: true },
    'swap before open': { nothing: true },
    'concluded, promoted': { refused: ended },
    'concluded, aborted': { refused: ended },
    'concluded, rolled back': { refused: ended },
  },
  advance: {
    running: { status: 'running', outcome: 'promoted', cause: 'passed' },
    paused: { refused: /resume it first/ },
    held: { refused: /accept/ },
    watch: { status: 'running', outcome: 'promoted', cause: 'cut-short' },
    'swap before open': { refused: /users wait/ },
    'concluded, promoted': { refused: ended },
    'concluded, aborted': { refused: ended },
    'concluded, rolled back': { refused: ended },
  },
  accept: {
    running: { refused: /only a held/ },
    paused: { refused: /only a held/ },
    held: { status: 'running', outcome: 'promoted', cause: 'passed' },
    watch: { refused: /only a held/ },
    'swap before open': { refused: /only a held/ },
    'concluded, promoted': { refused: ended },
    'concluded, aborted': { refused: ended },
    'concluded, rolled back': { refused: ended },
  },
  abort: {
    running: home('aborted'),
    paused: home('aborted'),
    held: home('aborted'),
    watch: home('aborted'),
    'swap before open': home('aborted'),
    'concluded, promoted': { refused: /rollback/ },
    'concluded, aborted': { nothing: true },
    'concluded, rolled back': { refused: ended },
  },
  rollback: {
    running: home('rolled-back'),
    paused: home('rolled-back'),
    held: home('rolled-back'),
    watch: home('rolled-back'),
    'swap before open': home('rolled-back'),
    'concluded, promoted': { refused: /served before/ },
    'concluded, aborted': { refused: /served before/ },
    'concluded, rolled back': { refused: /served before/ },
  },
}

describe('what persons may do, by state', () => {
  for (const [verb, row] of Object.entries(TABLE) as [PersonVerb, Record<Column, Cell>][])
    for (const [column, cell] of Object.entries(row) as [Column, Cell][])
      it(`${verb} x ${column}`, () => {
        const d = columns[column]()
        const before = d.state
        d.person(verb, { reason: 'because' })
        if (cell.refused) {
          expect(d.refused).toMatch(cell.refused)
          expect(d.state).toBe(before)
          expect(d.last).toEqual([])
          return
        }
        expect(d.refused).toBeNull()
        if (cell.nothing) {
          expect(d.state).toEqual(before)
          expect(d.last).toEqual([])
        }
        if (cell.status) expect(d.state.status).toBe(cell.status)
        if (!cell.outcome) return
        d.until((s) => s.phase === 'over')
        expect(d.state.outcome).toBe(cell.outcome)
        expect(d.state.cause?.kind).toBe(cell.cause)
        if (!cell.users) return
        expect(d.world.applied).toMatchObject({ weightPpm: 0, target: cell.users, hold: false })
        expect(d.world.baseline).toMatchObject({ ready: true, running: true })
        expect(d.world.candidate.running).toBe(false)
        expect(d.world.effects.some((e) => e.kind === 'quarantine')).toBe(false)
      })
})
