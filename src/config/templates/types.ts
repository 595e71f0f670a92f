/** What a training template gives; what slipway.yaml says wins. */
export interface TrainingTemplate {
  readonly name: string
  readonly command: readonly string[] | null
  readonly params: Readonly<Record<string, string | number | boolean>>
  /** Files of templates/training/NAME that `init --template` copies into the project. */
  readonly files: readonly string[]
}

/** Templates by name; an unknown name is an error that lists the known ones. */
export interface Registry<T> {
  readonly names: readonly [string, ...string[]]
  readonly get: (name: string) => T | undefined
}

/** A registry of a list; the first is the default. */
export function registry<T extends { readonly name: string }>(first: T, ...others: readonly T[]): Registry<T> {
  const all = new Map([first, ...others].map((template) => [template.name, template]))
  return { names: [first.name, ...others.map((template) => template.name)], get: (name) => all.get(name) }
}
