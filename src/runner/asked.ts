/** The journal's row of a set that was asked. */
import type { NewRow } from '../record/entries.ts'
import type { SetResult } from '../record/runtime.ts'
import type { Driven } from './orders.ts'
import { row } from './start.ts'

export const askedRow = (at: number, driven: Driven, set: string, result: SetResult): NewRow =>
  row(at, driven.environment, driven.name, {
    kind: 'asked',
    data: {
      set,
      gate: result.gate,
      lines: 'kind' in result.counts ? (result.counts.kind === 'pairs' ? result.counts.n : result.counts.nc) : 0,
      newlyWrong: result.newlyWrong,
      newlyRight: result.newlyRight,
    },
  })
