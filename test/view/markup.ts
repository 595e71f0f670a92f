/** Is a text well-formed: every element closed in its order, every attribute quoted, every & an entity? */

const VOID = new Set(['meta', 'br', 'link', 'img', 'hr'])
const TAG = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y

/** null, or what is wrong first, and where. */
export function malformed(text: string): string | null {
  const open: string[] = []
  let at = 0
  while (at < text.length) {
    const next = text.indexOf('<', at)
    const between = text.slice(at, next === -1 ? text.length : next)
    const stray = open.at(-1) === 'style' ? null : /&(?!(amp|lt|gt|quot|#\d+);)/.exec(between)
    if (stray) return `stray & at ${at + stray.index}`
    if (next === -1) break
    const rest = text.slice(next, next + 20)
    if (/^<(!doctype html|\?xml [^>]*\?)>/.test(text.slice(next, next + 60))) {
      at = text.indexOf('>', next) + 1
      continue
    }
    TAG.lastIndex = next
    const tag = TAG.exec(text)
    if (!tag) return `no tag at ${next}: ${rest}`
    const [whole, end, name, , self] = tag as unknown as [string, string, string, string, string]
    if (end) {
      const was = open.pop()
      if (was !== name) return `</${name}> closes <${was}> at ${next}`
    } else if (!self && !VOID.has(name)) open.push(name)
    at = next + whole.length
  }
  return open.length === 0 ? null : `<${open.at(-1)}> is never closed`
}
