/** What is left of a file without its wrong parts, so that one look finds the other mistakes too. Pure. */
import type { Path, Problem } from './problems.ts'

/** Up to the first list: half a list of steps or gates would mean something else. */
function removable(path: Path): Path {
  const index = path.findIndex((key) => typeof key === 'number')
  return index === -1 ? path : path.slice(0, index)
}

const startsWith = (path: Path, head: Path): boolean => head.every((key, index) => path[index] === key)

/** True where a path lies in, or around, something that was left out: what is said of it may be a mere consequence. */
export const touches = (path: Path, left: readonly Path[]): boolean =>
  left.some((out) => startsWith(path, out) || startsWith(out.slice(0, -1), path))

/** A copy without the values that problems name; names that must be there are replaced by harmless ones. */
export function salvage(
  value: unknown,
  problems: readonly Problem[],
): { readonly raw: unknown; readonly left: readonly Path[] } {
  const raw = structuredClone(value)
  const left = problems.map(({ path }) => removable(path)).filter((path) => path.length > 0)
  for (const path of left) {
    let here = raw
    for (const key of path.slice(0, -1)) here = (here as Record<string, unknown> | undefined)?.[key]
    if (typeof here === 'object' && here !== null) delete (here as Record<string, unknown>)[path.at(-1)!]
  }
  if (typeof raw !== 'object' || raw === null) return { raw, left }
  return { raw: { apiVersion: 'slipway.dev/v1', model: 'model', serving: {}, ...raw }, left }
}
