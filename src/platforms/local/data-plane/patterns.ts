/** "METHOD /path" patterns of `serving.requests`: which requests are judged, split and may be repeated. */

/**
 * A matcher for the patterns. A method `*` is any. In the path `*` stands for one whole segment; as the last
 * segment for any rest. Queries do not count. No patterns: every POST.
 */
export function requestMatcher(patterns: readonly string[]): (method: string, target: string) => boolean {
  if (patterns.length === 0) return (method) => method === 'POST'
  const exact = new Set<string>()
  const wild: { method: string; path: RegExp }[] = []
  for (const pattern of patterns) {
    const [method = '', path = ''] = pattern.trim().split(/\s+/, 2)
    if (method !== '*' && !path.includes('*')) exact.add(`${method} ${path}`)
    else wild.push({ method, path: pathExpression(path) })
  }
  return (method, target) => {
    const query = target.indexOf('?')
    const path = query < 0 ? target : target.slice(0, query)
    if (exact.has(`${method} ${path}`)) return true
    for (const one of wild) if ((one.method === '*' || one.method === method) && one.path.test(path)) return true
    return false
  }
}

function pathExpression(path: string): RegExp {
  const segments = path.split('/')
  const parts = segments.map((segment, index) =>
    segment !== '*' ? segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : index === segments.length - 1 ? '.*' : '[^/]+',
  )
  return new RegExp(`^${parts.join('/')}$`)
}
