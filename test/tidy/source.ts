/** A source tree as the tidy rules see it: parsed once, types included. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { parseSync } from 'rolldown/utils'

export interface Imported {
  /** As written. */
  readonly from: string
  /** Path in the tree, or null for packages and node: modules. */
  readonly file: string | null
  /** Names taken; `*` for a namespace, a dynamic import or a re-export of all. */
  readonly names: readonly string[]
  readonly typeOnly: boolean
  readonly dynamic: boolean
}
export interface Named {
  readonly name: string
  readonly line: number
}
export interface Body extends Named {
  readonly lines: number
}
export interface SourceFile {
  /** Relative to the tree, `/`-separated. */
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly Imported[]
  readonly exports: readonly Named[]
  readonly functions: readonly Body[]
  /** Names of its interfaces and type aliases. */
  readonly types: ReadonlySet<string>
  /** Every name that the file declares. */
  readonly declared: readonly Named[]
  /** Identifiers that are read, with the member read from them: `Date`, `Math.random`. */
  readonly reads: readonly Named[]
  /** How often each identifier stands in the file. */
  readonly mentions: ReadonlyMap<string, number>
  readonly strings: readonly Named[]
}
export interface Tree {
  readonly root: string
  readonly files: readonly SourceFile[]
}

/** A node of the parser's tree (ESTree with TypeScript). */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

/** Paths in a folder of a tree whose names end so; fixtures, which may break what they like, are left out. */
export function walkFiles(root: string, folder: string, ending: RegExp): string[] {
  if (!existsSync(join(root, folder)) || /(^|\/)fixtures$/.test(folder)) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : posix.join(folder, entry.name)
      if (entry.isDirectory()) return walkFiles(root, path, ending)
      return ending.test(entry.name) ? [path] : []
    })
    .sort()
}

/** The TypeScript files of some folders of a tree. */
export function readTree(root: string, folders: readonly string[]): Tree {
  const paths = folders.flatMap((folder) => walkFiles(root, folder, /\.ts$/))
  const known = new Set(paths)
  return { root, files: paths.map((path) => readSource(path, readFileSync(join(root, path), 'utf8'), known)) }
}

export function readSource(path: string, text: string, known: ReadonlySet<string>): SourceFile {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`)
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const lineOf = (at: number): number => starts.findLastIndex((start) => start <= at) + 1
  const found = { imports: [], exports: [], functions: [], declared: [], reads: [], strings: [] } as unknown as Found
  const mentions = new Map<string, number>()
  const types = new Set<string>()
  const state: State = { path, known, lineOf, found, mentions, types }
  visit(program as unknown as Node, null, null, state)
  return { path, text, lines: starts.length - (text.endsWith('\n') ? 1 : 0), mentions, types, ...found }
}

interface Found {
  readonly imports: Imported[]
  readonly exports: Named[]
  readonly functions: Body[]
  readonly declared: Named[]
  readonly reads: Named[]
  readonly strings: Named[]
}
interface State {
  readonly path: string
  readonly known: ReadonlySet<string>
  readonly lineOf: (at: number) => number
  readonly found: Found
  readonly mentions: Map<string, number>
  readonly types: Set<string>
}

const nameOf = (node: unknown): string => {
  if (!isNode(node)) return ''
  return String(node.type === 'Literal' ? node.value : (node.name ?? ''))
}

function visit(node: Node, parent: Node | null, grand: Node | null, state: State): void {
  record(node, parent, grand, state)
  for (const [key, value] of Object.entries(node)) {
    if (key === 'type') continue
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, node, parent, state)
  }
}

function record(node: Node, parent: Node | null, grand: Node | null, state: State): void {
  const { found, lineOf, mentions, types } = state
  const at = lineOf(node.start)
  const lines = lineOf(node.end - 1) - at + 1
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportDefaultDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      moduleEdge(node, [parent, grand], at, state)
      break
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      found.functions.push({ name: functionName(node, parent), line: at, lines })
      break
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      types.add(nameOf(node.id))
      break
    case 'Identifier':
      mentions.set(nameOf(node), (mentions.get(nameOf(node)) ?? 0) + 1)
      if (isRead(node, parent)) found.reads.push({ name: readName(node, parent), line: at })
      break
    case 'Literal':
      if (typeof node.value === 'string' && !isSpecifier(parent)) found.strings.push({ name: node.value, line: at })
      break
    case 'TemplateElement':
      found.strings.push({ name: String((node.value as { raw?: unknown }).raw), line: at })
      break
  }
  for (const name of declaredNames(node)) found.declared.push({ name, line: at })
}

const isSpecifier = (parent: Node | null): boolean =>
  parent !== null && /^(Import|Export)(Declaration|NamedDeclaration|AllDeclaration|Expression)$/.test(parent.type)

const functionName = (node: Node, parent: Node | null): string =>
  nameOf(node.id) || (parent ? nameOf(parent.id) || nameOf(parent.key) : '') || '(anonymous)'

const DECLARATIONS = new Set([
  'FunctionDeclaration',
  'ClassDeclaration',
  'VariableDeclarator',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
])
const MEMBERS = new Set(['MethodDefinition', 'PropertyDefinition', 'TSMethodSignature', 'TSPropertySignature'])

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

function declaredNames(node: Node): string[] {
  const params = FUNCTIONS.has(node.type) ? [node.params].flat().flatMap(patternNames) : []
  return [...params, ...ownNames(node)]
}

function ownNames(node: Node): string[] {
  if (DECLARATIONS.has(node.type)) return patternNames(node.id)
  if (MEMBERS.has(node.type) && node.computed !== true) return [nameOf(node.key)]
  return []
}

/** Names that a binding pattern makes. */
function patternNames(node: unknown): string[] {
  if (!isNode(node)) return []
  if (node.type === 'Identifier') return [nameOf(node)]
  const inside = [node.properties, node.elements, node.value, node.left, node.argument].flat()
  return inside.flatMap(patternNames)
}

/** Places of a tree where an identifier is only a label. */
function isRead(node: Node, parent: Node | null): boolean {
  if (parent === null) return true
  if (parent.type === 'MemberExpression') return parent.object === node || parent.computed === true
  if (parent.type === 'Property') return parent.value === node || parent.computed === true
  if (MEMBERS.has(parent.type)) return parent.value === node
  if (/^(Import|Export).*Specifier$/.test(parent.type)) return false
  if (/^TS/.test(parent.type)) return false
  if (parent.type === 'VariableDeclarator') return parent.id !== node
  if (parent.type === 'FunctionDeclaration' || parent.type === 'ArrowFunctionExpression') return parent.body === node
  return true
}

const readName = (node: Node, parent: Node | null): string =>
  parent?.type === 'MemberExpression' && parent.object === node && parent.computed !== true
    ? `${nameOf(node)}.${nameOf(parent.property)}`
    : nameOf(node)

function moduleEdge(node: Node, above: readonly (Node | null)[], line: number, { path, known, found }: State): void {
  const [parent = null, grand = null] = above
  if (node.type === 'ExportDefaultDeclaration') found.exports.push({ name: 'default', line })
  const specifiers = (node.specifiers ?? []) as readonly Node[]
  if (node.type === 'ExportNamedDeclaration') {
    const declared = isNode(node.declaration) ? node.declaration : null
    const parts =
      declared === null ? [] : declared.type === 'VariableDeclaration' ? (declared.declarations as Node[]) : [declared]
    for (const name of parts.flatMap(ownNames)) found.exports.push({ name, line })
    for (const one of specifiers) found.exports.push({ name: nameOf(one.exported), line })
  }
  const source = node.type === 'TSImportType' ? (node.argument ?? node.source) : node.source
  if (!isNode(source) || typeof source.value !== 'string') return
  const from = source.value
  const file = from.startsWith('.') ? posix.join(dirname(path), from) : null
  if (file !== null && known.size > 0 && !known.has(file)) return
  const dynamic = node.type === 'ImportExpression'
  if (dynamic || specifiers.length === 0) {
    const typeOnly = node.type === 'TSImportType' || node.exportKind === 'type' || node.importKind === 'type'
    found.imports.push({ from, file, names: dynamic ? takenFrom(parent, grand) : ['*'], typeOnly, dynamic })
    return
  }
  const whole = node.importKind === 'type' || node.exportKind === 'type'
  const isType = (one: Node): boolean => whole || one.importKind === 'type' || one.exportKind === 'type'
  for (const typeOnly of [true, false]) {
    const names = specifiers.filter((one) => isType(one) === typeOnly).map(importedName)
    if (names.length > 0) found.imports.push({ from, file, names, typeOnly, dynamic })
  }
}

const importedName = (one: Node): string =>
  one.type === 'ImportDefaultSpecifier'
    ? 'default'
    : one.type === 'ImportNamespaceSpecifier'
      ? '*'
      : nameOf(one.imported ?? one.local)

/** What is taken from an awaited import: `const { a } = await import(…)`, `(await import(…)).a`; else all. */
function takenFrom(parent: Node | null, grand: Node | null): string[] {
  if (parent?.type !== 'AwaitExpression' || grand === null) return ['*']
  if (grand.type === 'MemberExpression' && grand.computed !== true) return [nameOf(grand.property)]
  if (grand.type !== 'VariableDeclarator' || !isNode(grand.id) || grand.id.type !== 'ObjectPattern') return ['*']
  return (grand.id.properties as Node[]).map((property) => nameOf(property.key) || '*')
}
