/** YAML text -> a JSON value and the place of everything in it. Hostile text is bounded, not trusted. */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
} from 'yaml'
import { visible } from '../kit/text.ts'
import type { Path, Problem } from './problems.ts'

/** Largest text, deepest nesting, most tokens and most values after aliases are filled in. */
export const YAML_LIMITS = { bytes: 128 * 1024, depth: 32, tokens: 20_000, values: 20_000 } as const

/** Line and column count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}
export interface Source {
  readonly value: unknown
  /** Place of a value, or of its key; where there is none, that of the nearest map around it. */
  readonly locate: (path: Path, at?: 'key' | 'value') => Position
  /** True where the text itself has something at the path. */
  readonly has: (path: Path) => boolean
  /** How a number or a truth value was written: 007, 1e3, 0x10. */
  readonly written: (path: Path) => string | undefined
}
/** `source` is null where the text could not be read at all; problems may stand beside a source. */
export interface YamlResult {
  readonly source: Source | null
  readonly problems: readonly Problem[]
}

interface Places {
  readonly values: Map<string, number>
  readonly keys: Map<string, number>
  readonly written: Map<string, string>
}
const keyOf = (path: Path): string => JSON.stringify(path)

/** Counts what the parser made, without recursion: deep text must not exhaust the stack. */
function excess(tokens: readonly CST.Token[]): string | undefined {
  const stack: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }))
  let count = 0
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { token, depth } = next
    if (++count > YAML_LIMITS.tokens) return `holds more than ${YAML_LIMITS.tokens} values`
    if (depth > YAML_LIMITS.depth) return `is nested deeper than ${YAML_LIMITS.depth} levels`
    if ('start' in token && Array.isArray(token.start)) count += token.start.length
    if ('value' in token && token.value !== null && typeof token.value === 'object')
      stack.push({ token: token.value as CST.Token, depth })
    if (!('items' in token)) continue
    for (const item of token.items) {
      count += item.start.length + (item.sep?.length ?? 0)
      for (const inner of [item.key, item.value])
        if (inner !== null && inner !== undefined) stack.push({ token: inner, depth: depth + 1 })
    }
  }
  return undefined
}

const SYNTAX: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents here: YAML takes spaces only',
  MULTIPLE_DOCS: 'a second document begins here: keep one',
  MULTIPLE_ANCHORS: 'has two anchors',
  MULTIPLE_TAGS: 'has two tags',
}

/** Reads YAML 1.2. A byte order mark, CRLF and comments are taken; tags, merge keys and duplicate keys are problems. */
export function readYaml(text: string): YamlResult {
  const lines = new LineCounter()
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const refuse = (message: string, offset = 0): YamlResult => ({
    source: null,
    problems: [{ path: [], message, position: place(offset) }],
  })
  if (text.length > YAML_LIMITS.bytes) return refuse(`is longer than ${YAML_LIMITS.bytes / 1024} KiB`)
  const tokens: CST.Token[] = []
  for (const token of new Parser(lines.addNewLine).parse(text)) tokens.push(token)
  const tooMuch = excess(tokens)
  if (tooMuch !== undefined) return refuse(tooMuch)
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false })
  const documents: Document.Parsed[] = [...composer.compose(tokens)]
  const document = documents[0]
  if (document === undefined || document.contents === null) return refuse('is empty: `slipway init` writes one')
  const problems: Problem[] = []
  for (const error of document.errors.slice(0, 5)) {
    const message = SYNTAX[error.code] ?? `is no YAML: ${visible(error.message.split('\n')[0] ?? '')}`
    problems.push({ path: [], message, position: place(error.pos[0]) })
  }
  if (documents.length > 1)
    problems.push({ path: [], message: SYNTAX.MULTIPLE_DOCS!, position: place(documents[1]!.range[0]) })
  if (document.directives?.yaml.explicit === true)
    problems.push({ path: [], message: 'has a %YAML directive: remove it', position: place(0) })
  if (problems.length > 0) return { source: null, problems }
  return walk(document, place)
}

function walk(document: Document.Parsed, place: (offset: number) => Position): YamlResult {
  const places: Places = { values: new Map(), keys: new Map(), written: new Map() }
  const anchors = new Map<string, Node>()
  const problems: Problem[] = []
  let count = 0

  const note = (path: Path, message: string, node: Node | null): undefined => {
    if (problems.length < 20) problems.push({ path, message, position: place(node?.range?.[0] ?? 0) })
    return undefined
  }
  const read = (node: Node | null, path: Path, open: ReadonlySet<Node>): unknown => {
    if (++count > YAML_LIMITS.values)
      return count === YAML_LIMITS.values + 1
        ? note([], `holds more than ${YAML_LIMITS.values} values once its aliases are filled in`, node)
        : undefined
    if (path.length > YAML_LIMITS.depth)
      return note(path.slice(0, 3), `is nested deeper than ${YAML_LIMITS.depth} levels`, node)
    if (node?.range) places.values.set(keyOf(path), node.range[0])
    if (node === null) return null
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target === undefined) return note(path, `names an anchor that is not there: *${visible(node.source)}`, node)
      if (open.has(target)) return note(path, `holds itself: *${visible(node.source)}`, node)
      return read(target, path, open)
    }
    if (node.tag !== undefined) return note(path, `has a tag, ${visible(node.tag)}: write the value alone`, node)
    if ('anchor' in node && typeof node.anchor === 'string') anchors.set(node.anchor, node)
    if (isScalar(node)) {
      if (typeof node.value !== 'string' && node.source !== undefined) places.written.set(keyOf(path), node.source)
      return scalar(node.value, path, node)
    }
    const within = new Set(open).add(node)
    if (isSeq(node)) return node.items.map((item, index) => read(item as Node | null, [...path, index], within))
    if (isMap(node)) return readMap(node, path, within)
    return note(path, 'is no value', node)
  }
  const scalar = (value: unknown, path: Path, node: Node): unknown => {
    if (typeof value === 'number' && !Number.isFinite(value)) return note(path, 'is no finite number', node)
    return value
  }
  const readMap = (node: Node & { items: readonly unknown[] }, path: Path, open: ReadonlySet<Node>) => {
    const found: Record<string, unknown> = {}
    const seen = new Map<string, number>()
    for (const item of node.items as readonly { readonly key: unknown; readonly value: unknown }[]) {
      const keyNode = item.key as Node | null
      if (!isScalar(keyNode) || keyNode.value === null) {
        note(path, 'has a key that is no text', keyNode ?? node)
        continue
      }
      const key = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? String(keyNode.value))
      const here = [...path, key]
      const offset = keyNode.range?.[0] ?? 0
      const before = seen.get(key)
      if (before !== undefined) {
        note(here, `stands twice: also in line ${place(before).line}`, keyNode)
        continue
      }
      seen.set(key, offset)
      places.keys.set(keyOf(here), offset)
      if (key === '__proto__') note(here, 'is no key', keyNode)
      else if (key === '<<') note(here, 'is a merge key: write the values out', keyNode)
      else found[key] = read(item.value as Node | null, here, open)
    }
    return found
  }

  const value = read(document.contents as Node | null, [], new Set())
  if (count > YAML_LIMITS.values) return { source: null, problems }
  const find = (path: Path, at: 'key' | 'value'): Position => {
    for (let length = path.length; length > 0; length--) {
      const part = keyOf(path.slice(0, length))
      // A missing key is told at the map that lacks it, where people can see its name.
      const offset =
        at === 'key' || length < path.length
          ? (places.keys.get(part) ?? places.values.get(part))
          : (places.values.get(part) ?? places.keys.get(part))
      if (offset !== undefined) return place(offset)
    }
    return place(places.values.get('[]') ?? 0)
  }
  return {
    problems,
    source: {
      value,
      locate: (path, at = 'value') => find(path, at),
      written: (path) => places.written.get(keyOf(path)),
      has: (path) => places.values.has(keyOf(path)) || places.keys.has(keyOf(path)),
    },
  }
}
