/** Rule 5: nothing that nobody uses. */
import type { SourceFile, Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'

/** Files that something outside src starts. */
const isStart = (path: string): boolean => path === 'src/main.ts' || /^src\/(commands|entries)\//.test(path)

export function deadFiles({ files }: Tree): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const live = new Set<string>()
  const follow = (path: string): void => {
    const file = byPath.get(path)
    if (file === undefined || live.has(path)) return
    live.add(path)
    for (const edge of file.imports) if (edge.file !== null) follow(edge.file)
  }
  for (const path of byPath.keys()) if (isStart(path)) follow(path)
  return [...byPath.keys()]
    .filter((path) => path.startsWith('src/') && !live.has(path))
    .map((path) => violation(path, 'is reached from no command and no entry'))
}

/** Names that a file's importers take from it. */
function takenNames(files: readonly SourceFile[]): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>()
  for (const file of files)
    for (const edge of file.imports) {
      if (edge.file === null) continue
      const names = taken.get(edge.file) ?? new Set()
      taken.set(edge.file, names)
      for (const name of edge.names) names.add(name)
    }
  return taken
}

/**
 * An export is alive where another file of src takes it; or a test does, and its own file uses it too
 * (the memory implementations of io/ and platforms/ are for tests alone). A type is alive where its own file
 * uses it: it is the shape of something else that is exported.
 */
export function deadExports({ files }: Tree): Violation[] {
  const isSource = (file: SourceFile): boolean => file.path.startsWith('src/')
  const bySource = takenNames(files.filter(isSource))
  const byTest = takenNames(files.filter((file) => !isSource(file)))
  const alive = (file: SourceFile, name: string): boolean => {
    const uses = (file.mentions.get(name) ?? 0) > 1
    if (file.types.has(name) && uses) return true
    const mine = bySource.get(file.path)
    if (mine?.has(name) || mine?.has('*')) return true
    const tested = byTest.get(file.path)
    if (!tested?.has(name) && !tested?.has('*')) return false
    return uses || /^src\/(io|platforms)\//.test(file.path)
  }
  return files
    .filter((file) => isSource(file) && !isStart(file.path))
    .flatMap((file) =>
      file.exports
        .filter(({ name }) => !alive(file, name))
        .map(({ name, line }) => violation(file.path, `${name} is exported for nobody`, line)),
    )
}
