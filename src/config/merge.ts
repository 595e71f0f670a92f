/** An environment's overrides laid over the common part: maps merge, lists and single values replace. */

/** Maps that name one choice of several: laid over, they replace, or two choices would stand side by side. */
const CHOICES: ReadonlySet<string> = new Set(['sticky', 'gpu'])

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function merge(under: unknown, over: unknown): unknown {
  if (over === undefined) return under
  if (!isMap(under) || !isMap(over)) return over
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over))
    merged[key] = CHOICES.has(key) || !Object.hasOwn(under, key) ? value : merge(under[key], value)
  return merged
}
