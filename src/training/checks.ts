/** Checks of training data before anything is trained: rows, labels, fields, duplicates. Pure; rows come one by one. */
import { createHash } from 'node:crypto'
import type { DataChecks, FieldCheck } from '../config/types.ts'
import { formatCount, formatShare } from '../kit/units.ts'

export interface CheckResult {
  readonly check: string
  readonly passed: boolean
  /** One sentence with numbers. */
  readonly text: string
}
export interface DataReport {
  readonly rows: number
  readonly labels: Readonly<Record<string, number>>
  readonly duplicates: number
  readonly results: readonly CheckResult[]
  readonly passed: boolean
}

/** Faults that are listed with their line; the rest is counted. */
const LISTED = 5
/** Labels that are counted by name. */
const MOST_LABELS = 10_000

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value

const numbersIn = (value: unknown): readonly number[] =>
  typeof value === 'number'
    ? [value]
    : Array.isArray(value)
      ? value.filter((v): v is number => typeof v === 'number')
      : []

/** What is wrong with one value, or null. */
function fieldFault(value: unknown, check: FieldCheck): string | null {
  if (value === undefined) return 'is missing'
  const type = typeOf(value)
  if (check.type !== null && type !== check.type && !(check.type === 'number' && type === 'integer'))
    return `is ${type}, not ${check.type}`
  if (check.length !== null) {
    const length = typeof value === 'string' || Array.isArray(value) ? value.length : null
    if (length !== check.length) return `has the length ${length ?? '-'}, not ${check.length}`
  }
  if (check.min === null && check.max === null) return null
  if (Array.isArray(value) && value.some((v) => typeof v !== 'number' || !Number.isFinite(v)))
    return 'holds what is no number'
  for (const number of numbersIn(value)) {
    if (check.min !== null && number < check.min) return `holds ${number}, below ${check.min}`
    if (check.max !== null && number > check.max) return `holds ${number}, above ${check.max}`
  }
  return null
}

/** Takes the rows of a data set and then says whether it may be trained on. */
export class DataChecker {
  readonly #checks: DataChecks
  readonly #labels = new Map<string, number>()
  readonly #seen = new Set<string>()
  readonly #faults = new Map<string, { count: number; first: string[] }>()
  #rows = 0
  #duplicates = 0

  constructor(checks: DataChecks) {
    this.#checks = checks
  }

  /** One line of JSON lines; `line` counts from 1. */
  take(text: string, line: number): void {
    if (text.trim() === '') return
    this.#rows++
    let row: unknown
    try {
      row = JSON.parse(text)
    } catch {
      return this.#fault('rows', `line ${line} is not JSON`)
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      return this.#fault('rows', `line ${line} is no object`)
    const fields = row as Record<string, unknown>
    if (this.#checks.duplicates) {
      const key = createHash('sha256').update(text).digest('base64')
      if (this.#seen.has(key)) this.#duplicates++
      else this.#seen.add(key)
    }
    const { label } = this.#checks
    if (label) {
      const value = Object.hasOwn(fields, label.field) ? fields[label.field] : undefined
      if (value === undefined || value === null) this.#fault(`label ${label.field}`, `line ${line} has none`)
      else if (this.#labels.size < MOST_LABELS || this.#labels.has(JSON.stringify(value)))
        this.#labels.set(JSON.stringify(value), (this.#labels.get(JSON.stringify(value)) ?? 0) + 1)
    }
    for (const [name, check] of Object.entries(this.#checks.fields)) {
      const fault = fieldFault(Object.hasOwn(fields, name) ? fields[name] : undefined, check)
      if (fault !== null) this.#fault(`field ${name}`, `line ${line}: ${name} ${fault}`)
    }
  }

  #fault(check: string, text: string): void {
    const known = this.#faults.get(check) ?? { count: 0, first: [] }
    known.count++
    if (known.first.length < LISTED) known.first.push(text)
    this.#faults.set(check, known)
  }

  report(): DataReport {
    const results = [
      ...this.#rowResults(),
      ...this.#labelResults(),
      ...this.#fieldResults(),
      ...this.#duplicateResults(),
    ]
    return {
      rows: this.#rows,
      labels: Object.fromEntries(this.#labels),
      duplicates: this.#duplicates,
      results,
      passed: results.every((r) => r.passed),
    }
  }

  #faultsOf(check: string, fine: string): CheckResult {
    const faults = this.#faults.get(check)
    if (!faults) return { check, passed: true, text: fine }
    const more =
      faults.count > faults.first.length ? `, and ${formatCount(faults.count - faults.first.length)} more` : ''
    return { check, passed: false, text: `${faults.first.join('; ')}${more}` }
  }

  #rowResults(): CheckResult[] {
    const { min, max } = this.#checks.rows ?? { min: null, max: null }
    const rows = `${formatCount(this.#rows)} rows`
    const results = [this.#faultsOf('rows', `${rows}, each a JSON object`)]
    const least = min ?? 1
    if (this.#rows < least)
      results.push({ check: 'rows', passed: false, text: `${rows}, fewer than ${formatCount(least)}` })
    if (max !== null && this.#rows > max)
      results.push({ check: 'rows', passed: false, text: `${rows}, more than ${formatCount(max)}` })
    return results
  }

  #labelResults(): CheckResult[] {
    const { label } = this.#checks
    if (!label) return []
    const check = `label ${label.field}`
    const results = [this.#faultsOf(check, `${formatCount(this.#labels.size)} different labels`)]
    const { minShare } = label
    if (minShare === null) return results
    for (const [name, count] of this.#labels) {
      const share = count / Math.max(1, this.#rows)
      if (share < minShare)
        results.push({
          check,
          passed: false,
          text: `label ${name.slice(0, 40)} is ${formatShare(share)} of the rows, less than ${formatShare(minShare)}`,
        })
    }
    return results
  }

  #fieldResults(): CheckResult[] {
    return Object.keys(this.#checks.fields).map((name) =>
      this.#faultsOf(`field ${name}`, `${name} is as it should be in every row`),
    )
  }

  #duplicateResults(): CheckResult[] {
    const { duplicates } = this.#checks
    if (!duplicates) return []
    const share = this.#duplicates / Math.max(1, this.#rows)
    const passed = share <= duplicates.maxShare
    const allowed = passed ? '' : `, more than ${formatShare(duplicates.maxShare)}`
    return [
      {
        check: 'duplicates',
        passed,
        text: `${formatCount(this.#duplicates)} rows (${formatShare(share)}) stand twice${allowed}`,
      },
    ]
  }
}
