/** YAML text -> a JSON value and the place of everything in it. Hostile text is bounded, not trusted. */
import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml'
import { visible } from '../kit/text.ts'
import type { Problem } from './problems.ts'
import { type Position, readValues, YAML_LIMITS, type YamlResult } from './yaml-values.ts'

/** A first look that costs little: signs and open brackets, counted until there are too many. */
function tooDense(text: string): string | undefined {
  let count = 0
  let open = 0
  for (const sign of new Lexer().lex(text)) {
    if (++count > YAML_LIMITS.signs) return `holds more than ${YAML_LIMITS.signs} words and signs`
    if (sign === '[' || sign === '{') open++
    else if (sign === ']' || sign === '}') open--
    if (open > YAML_LIMITS.depth) return TOO_DEEP
  }
  return undefined
}
const TOO_DEEP = `is nested deeper than ${YAML_LIMITS.depth} levels`

/** Counts what the parser made, without recursion: deep text must not exhaust the stack. */
function excess(tokens: readonly CST.Token[]): string | undefined {
  const stack: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }))
  let count = 0
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { token, depth } = next
    if (count++ > YAML_LIMITS.tokens) return `holds more than ${YAML_LIMITS.tokens} values`
    if (depth > YAML_LIMITS.depth) return TOO_DEEP
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
  return count > YAML_LIMITS.tokens ? `holds more than ${YAML_LIMITS.tokens} values` : undefined
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
  const dense = tooDense(text)
  if (dense !== undefined) return refuse(dense)
  const tokens: CST.Token[] = []
  for (const token of new Parser(lines.addNewLine).parse(text)) tokens.push(token)
  const tooMuch = excess(tokens)
  if (tooMuch !== undefined) return refuse(tooMuch)
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false })
  const documents: Document.Parsed[] = [...composer.compose(tokens)]
  const document = documents[0]
  if (document === undefined || document.contents === null) return refuse('is empty: `slipway init` writes one')
  const problems: Problem[] = []
  // A bracket that stays open is an error for each bracket around it, all at one place.
  const places = new Set<number>()
  for (const error of document.errors) {
    if (places.has(error.pos[0])) continue
    if (places.add(error.pos[0]).size > 5) break
    const message = SYNTAX[error.code] ?? `is no YAML: ${visible(error.message.split('\n')[0] ?? '')}`
    problems.push({ path: [], message, position: place(error.pos[0]) })
  }
  if (documents.length > 1)
    problems.push({ path: [], message: SYNTAX.MULTIPLE_DOCS!, position: place(documents[1]!.range[0]) })
  if (document.directives?.yaml.explicit === true)
    problems.push({ path: [], message: 'has a %YAML directive: remove it', position: place(0) })
  if (problems.length > 0) return { source: null, problems }
  return readValues(document, place)
}
