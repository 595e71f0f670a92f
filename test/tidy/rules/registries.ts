/** Rule 4: a new kind is one file and one line in its folder's index; nobody else takes a kind by its file. */
import type { SourceFile, Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'

/** Folders of kinds, and the type that a kind's constant has. */
const REGISTRIES: Readonly<Record<string, RegExp>> = {
  'src/config/templates': /^export const (\w+): (?:Serving|Training)Template\b/gm,
  'src/evidence/evaluators': /^export const (\w+): EvaluatorKind\b/gm,
  'src/gates': /^export const (\w+): GateKind\b/gm,
  'src/model': /^export const (\w+): FormatReader\b/gm,
}
const kindsOf = (file: SourceFile, pattern: RegExp): string[] =>
  [...file.text.matchAll(pattern)].map((found) => found[1]!)

export function registries({ files }: Tree): Violation[] {
  return Object.entries(REGISTRIES).flatMap(([folder, pattern]) => {
    const inside = files.filter(({ path }) => path.startsWith(`${folder}/`))
    const kinds = inside.flatMap((file) => kindsOf(file, pattern).map((name) => ({ name, path: file.path })))
    if (kinds.length === 0) return []
    const index = `${folder}/index.ts`
    const takes = (file: SourceFile, kind: { name: string; path: string }): boolean =>
      file.imports.some(
        (edge) => edge.file === kind.path && (edge.names.includes(kind.name) || edge.names.includes('*')),
      )
    return kinds.flatMap((kind) => {
      const users = files.filter((file) => file.path.startsWith('src/') && takes(file, kind)).map(({ path }) => path)
      const others = users
        .filter((path) => path !== index)
        .map((path) => violation(path, `takes the kind ${kind.name} from ${kind.path}`))
      return users.includes(index)
        ? others
        : [violation(kind.path, `${kind.name} is not listed in the index`), ...others]
    })
  })
}
