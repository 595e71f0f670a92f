/** Reads the keys that a zod schema knows, for did-you-mean. */
import type * as z from 'zod/mini'

interface Def {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodMiniType>>
  readonly innerType?: z.ZodMiniType
  readonly element?: z.ZodMiniType
  readonly valueType?: z.ZodMiniType
  readonly options?: readonly z.ZodMiniType[]
  readonly in?: z.ZodMiniType
  readonly getter?: () => z.ZodMiniType
}
const defOf = (schema: z.ZodMiniType): Def => schema._zod.def as unknown as Def

/** Schemas that may stand for a value, wrappers taken off. */
function bare(schema: z.ZodMiniType): readonly z.ZodMiniType[] {
  const def = defOf(schema)
  if (def.getter !== undefined) return bare(def.getter())
  if (def.innerType !== undefined) return bare(def.innerType)
  if (def.type === 'pipe' && def.in !== undefined) return bare(def.in)
  if (def.options !== undefined) return def.options.flatMap(bare)
  return [schema]
}

function inside(schema: z.ZodMiniType, key: string | number): readonly z.ZodMiniType[] {
  const def = defOf(schema)
  const inner = typeof key === 'number' ? def.element : (def.shape?.[key] ?? def.valueType)
  return inner === undefined ? [] : bare(inner)
}

/** The keys that the map at a path may have. */
export function fieldsAt(schema: z.ZodMiniType, path: readonly (string | number)[]): ReadonlySet<string> {
  let here = bare(schema)
  for (const key of path) here = here.flatMap((one) => inside(one, key))
  return new Set(here.flatMap((one) => Object.keys(defOf(one).shape ?? {})))
}

/** Where else a key is known, as dotted paths of the maps that hold it (lists left out); the top level is ''. */
export function homesOf(schema: z.ZodMiniType, key: string): readonly string[] {
  const found: string[] = []
  const look = (one: z.ZodMiniType, path: string): void => {
    for (const [name, value] of Object.entries(defOf(one).shape ?? {})) {
      if (name === key) found.push(path)
      for (const inner of bare(value)) look(inner, path === '' ? name : `${path}.${name}`)
    }
  }
  for (const one of bare(schema)) look(one, '')
  return found
}
