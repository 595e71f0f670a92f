/** A project with a trainer and data for it. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../cli/run.ts'
import { jsonLines, type Scenario } from './harness.ts'

export const TRAINING = {
  command: ['node', 'trainer.mjs', '--data', '{data}', '--out', '{out}', '--seed', '{seed}'],
  data: {
    path: './data/train.jsonl',
    checks: { rows: { min: 10 }, label: { field: 'label', minShare: '20%' } },
  },
  params: { hidden: 32 },
}

/** Rows of two labels, so many of each. */
export const rows = (low: number, high: number): object[] => [
  ...Array.from({ length: low }, (_, x) => ({ x, label: 'low' })),
  ...Array.from({ length: high }, (_, x) => ({ x: 100 + x, label: 'high' })),
]

export function teach(one: Pick<Scenario, 'folder' | 'write'>): void {
  copyFileSync(join(ROOT, 'test', 'scenarios', 'fixtures', 'trainer.mjs'), join(one.folder, 'trainer.mjs'))
  one.write('data/train.jsonl', jsonLines(rows(20, 20)))
}
