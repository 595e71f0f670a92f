/** Rule 1: which folder may import which. */
import type { Imported, SourceFile, Tree } from '../source.ts'
import { type Violation, violation } from '../violation.ts'

/** The river: each stage may use those behind it. */
const RIVER = ['view', 'record', 'release', 'gates', 'evidence', 'plan', 'model']
const STAGES = [...RIVER, 'config', 'oci', 'training']
const behind = (stage: string): string[] => RIVER.slice(RIVER.indexOf(stage) + 1)

/** `value` folders may be imported in any way, `type` folders for their types only. */
interface Arrows {
  readonly value: readonly string[]
  readonly type: readonly string[]
}
/** Contracts of the outside are types. */
const CONTRACTS = ['io', 'platforms']
const ARROWS: Readonly<Record<string, Arrows>> = {
  ...Object.fromEntries(RIVER.map((stage) => [stage, { value: behind(stage), type: [] }])),
  plan: { value: behind('plan'), type: ['evidence'] },
  // A plan's gates are composed from what slipway.yaml says, and say what the data plane counts for them.
  gates: { value: [...behind('gates'), 'config'], type: ['platforms'] },
  view: { value: behind('view'), type: ['training'] },
  config: { value: ['model', 'plan'], type: CONTRACTS },
  oci: { value: ['model'], type: CONTRACTS },
  training: { value: ['model'], type: [...CONTRACTS, 'config'] },
  kit: { value: [], type: [] },
  // The scorer puts evaluators that are functions and those that are programs behind one door.
  io: { value: ['evidence'], type: STAGES },
  platforms: { value: ['io', 'plan', 'evidence', 'model'], type: STAGES },
  flows: { value: STAGES, type: CONTRACTS },
  runner: { value: STAGES, type: CONTRACTS },
  commands: { value: ['flows', 'view', 'base-command.ts', 'person-command.ts'], type: [...STAGES, 'toolbox.ts'] },
  'person-command.ts': { value: ['flows', 'view', 'base-command.ts'], type: STAGES },
  'base-command.ts': { value: ['view'], type: ['io', 'toolbox.ts'] },
}
/** Composition roots, where the outside is put in place. */
const ROOTS = new Set(['entries', 'toolbox.ts', 'open-project.ts', 'examine-project.ts', 'main.ts', 'dispatch.ts'])
const FREE = new Set(['kit', 'errors.ts'])

/** `gates` of src/gates/errors.ts; `main.ts` of src/main.ts. */
export const folderOf = (path: string): string => path.split('/')[1] ?? ''

function allowed(from: SourceFile, edge: Imported): boolean {
  const here = folderOf(from.path)
  const there = folderOf(edge.file!)
  if (there === 'commands') return false
  if (here === there || FREE.has(there) || ROOTS.has(here)) return true
  const arrows = ARROWS[here]
  if (arrows === undefined) return false
  return arrows.value.includes(there) || (edge.typeOnly && arrows.type.includes(there))
}

export function arrows({ files }: Tree): Violation[] {
  return files.flatMap((file) =>
    file.imports
      .filter((edge) => edge.file !== null && !allowed(file, edge))
      .map((edge) =>
        violation(file.path, `${folderOf(file.path)} may not import ${edge.typeOnly ? 'types of ' : ''}${edge.file}`),
      ),
  )
}

/** No circle of imports that run; types cannot make one. */
export function cycles({ files }: Tree): Violation[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports.filter((edge) => edge.file !== null && !edge.typeOnly && !edge.dynamic).map((edge) => edge.file!),
    ]),
  )
  const found: Violation[] = []
  const done = new Set<string>()
  const follow = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at !== -1) found.push(violation(path, `imports go in a circle: ${[...trail.slice(at), path].join(' -> ')}`))
    if (at !== -1 || done.has(path)) return
    for (const next of edges.get(path) ?? []) follow(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) follow(path, [])
  return found
}
