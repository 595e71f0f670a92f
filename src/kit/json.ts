import canonicalize from 'canonicalize'

/** RFC 8785 text of a JSON value. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('not a JSON value')
  return text
}

/** Value at a JSON pointer (RFC 6901); undefined where there is none. Own properties only. */
export function atPointer(value: unknown, pointer: string): unknown {
  if (pointer === '') return value
  let here = value
  for (const raw of pointer.split('/').slice(1)) {
    const key = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string, unknown>)[key]
  }
  return here
}

/** A copy with values laid over at JSON pointers; missing objects on the way are made. */
export function overlay(value: unknown, laid: Readonly<Record<string, unknown>>): unknown {
  const copy = structuredClone(value)
  for (const [pointer, laidValue] of Object.entries(laid)) {
    const keys = pointer
      .split('/')
      .slice(1)
      .map((raw) => raw.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop()
    if (last === undefined || typeof copy !== 'object' || copy === null) continue
    let here = copy as Record<string, unknown>
    for (const key of keys) {
      if (!Object.hasOwn(here, key) || typeof here[key] !== 'object' || here[key] === null)
        Object.defineProperty(here, key, { value: {}, writable: true, enumerable: true, configurable: true })
      here = here[key] as Record<string, unknown>
    }
    Object.defineProperty(here, last, { value: laidValue, writable: true, enumerable: true, configurable: true })
  }
  return copy
}

/** Deeper values are none that a model answers or a label says; the stack of JSON.stringify ends at some thousand levels. */
export const MOST_DEPTH = 200

/** True where arrays and objects are nested at most so deep; walks without recursion. */
export function withinDepth(value: unknown, most = MOST_DEPTH): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    const inner = level.filter((one): one is object => typeof one === 'object' && one !== null)
    if (inner.length > 0 && depth >= most) return false
    level = inner.flatMap((one): unknown[] => Object.values(one))
  }
  return true
}
