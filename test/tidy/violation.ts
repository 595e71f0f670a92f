/** One place that breaks a rule, and how. */
export interface Violation {
  readonly file: string
  readonly line?: number
  readonly what: string
}

export const violation = (file: string, what: string, line?: number): Violation =>
  line === undefined ? { file, what } : { file, line, what }

/** As a list of lines to read. */
export const told = (violations: readonly Violation[]): string[] =>
  violations.map(({ file, line, what }) => `${file}${line === undefined ? '' : `:${line}`} ${what}`)
