/** The values of a YAML document and the place of everything in it; aliases filled in, within limits. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import { visible } from '../kit/text.ts'
import type { Path, Problem } from './problems.ts'

/** Largest text, most words and signs in it, deepest nesting, most values as written and after aliases are filled in. */
export const YAML_LIMITS = { bytes: 128 * 1024, signs: 50_000, depth: 32, tokens: 20_000, values: 20_000 } as const

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

const keyOf = (path: Path): string => JSON.stringify(path)
/** Problems beyond these are counted by nobody. */
const MOST_PROBLEMS = 20

class Reading {
  readonly problems: Problem[] = []
  readonly values = new Map<string, number>()
  readonly keys = new Map<string, number>()
  readonly written = new Map<string, string>()
  private readonly anchors = new Map<string, Node>()
  private readonly place: (offset: number) => Position
  private count = 0

  constructor(place: (offset: number) => Position) {
    this.place = place
  }

  get overfull(): boolean {
    return this.count > YAML_LIMITS.values
  }

  /** The value of a node; `open`: the nodes around it. */
  read(node: Node | null, path: Path, open: ReadonlySet<Node>): unknown {
    if (this.overfull) return undefined
    this.count++
    if (this.overfull)
      return this.note([], `holds more than ${YAML_LIMITS.values} values once its aliases are filled in`, node)
    if (path.length > YAML_LIMITS.depth)
      return this.note(path.slice(0, 3), `is nested deeper than ${YAML_LIMITS.depth} levels`, node)
    if (node?.range) this.values.set(keyOf(path), node.range[0])
    if (node === null) return null
    if (isAlias(node)) {
      const target = this.anchors.get(node.source)
      if (target === undefined)
        return this.note(path, `names an anchor that is not there: *${visible(node.source)}`, node)
      if (open.has(target)) return this.note(path, `holds itself: *${visible(node.source)}`, node)
      return this.read(target, path, open)
    }
    if (node.tag !== undefined) return this.note(path, `has a tag, ${visible(node.tag)}: write the value alone`, node)
    if ('anchor' in node && typeof node.anchor === 'string') this.anchors.set(node.anchor, node)
    if (isScalar(node)) return this.scalar(node, path)
    const within = new Set(open).add(node)
    if (isSeq<Node | null>(node)) return node.items.map((item, index) => this.read(item, [...path, index], within))
    if (isMap<unknown, Node | null>(node)) return this.map(node, path, within)
    return this.note(path, 'is no value', node)
  }

  private scalar(node: Node & { readonly value: unknown; readonly source?: string }, path: Path): unknown {
    if (typeof node.value === 'number' && !Number.isFinite(node.value))
      return this.note(path, 'is no finite number', node)
    if (typeof node.value !== 'string' && node.source !== undefined) this.written.set(keyOf(path), node.source)
    return node.value
  }

  private map(
    node: Node & { readonly items: readonly Pair<unknown, Node | null>[] },
    path: Path,
    open: ReadonlySet<Node>,
  ) {
    const found: Record<string, unknown> = {}
    const seen = new Map<string, number>()
    for (const { key: keyNode, value } of node.items) {
      if (!isScalar(keyNode) || keyNode.value === null) {
        this.note(path, 'has a key that is no text', node)
        continue
      }
      const key = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? String(keyNode.value))
      const here = [...path, key]
      const offset = keyNode.range?.[0] ?? 0
      const before = seen.get(key)
      if (before !== undefined) {
        this.note(here, `stands twice: also in line ${this.place(before).line}`, keyNode)
        continue
      }
      seen.set(key, offset)
      this.keys.set(keyOf(here), offset)
      if (key === '__proto__') this.note(here, 'is no key', keyNode)
      else if (key === '<<') this.note(here, 'is a merge key: write the values out', keyNode)
      else found[key] = this.read(value, here, open)
    }
    return found
  }

  private note(path: Path, message: string, node: Node | null): undefined {
    if (this.problems.length >= MOST_PROBLEMS) return undefined
    this.problems.push({ path, message, position: this.place(node?.range?.[0] ?? 0) })
    return undefined
  }

  /** Offset of a value or a key; where it is missing, of the nearest map around it by its name. */
  offset(path: Path, at: 'key' | 'value'): number {
    for (let length = path.length; length > 0; length--) {
      const part = keyOf(path.slice(0, length))
      const [first, second] = at === 'key' || length < path.length ? [this.keys, this.values] : [this.values, this.keys]
      const offset = first.get(part) ?? second.get(part)
      if (offset !== undefined) return offset
    }
    return this.values.get(keyOf([])) ?? 0
  }
}

/** `place`: line and column of an offset in the text. */
export function readValues(document: Document.Parsed, place: (offset: number) => Position): YamlResult {
  const reading = new Reading(place)
  const value = reading.read(document.contents, [], new Set())
  if (reading.overfull) return { source: null, problems: reading.problems }
  return {
    problems: reading.problems,
    source: {
      value,
      locate: (path, at = 'value') => place(reading.offset(path, at)),
      written: (path) => reading.written.get(keyOf(path)),
      has: (path) => reading.values.has(keyOf(path)) || reading.keys.has(keyOf(path)),
    },
  }
}
