/** Files that live in memory only: for tests, with as much room as the test gives. */
import { basename, dirname, join, resolve } from 'node:path'
import { fileError } from './file-error.ts'
import type { FileFacts, Files, OpenFile, Sink } from './files.ts'
import { READ_LIMIT, readWhole } from './read-whole.ts'
import { walk } from './walk.ts'

type Node =
  | { readonly kind: 'file'; bytes: Buffer; mode: number; readonly id: number }
  | { readonly kind: 'folder'; readonly names: Map<string, Node>; mode: number; readonly id: number }
  | { readonly kind: 'link'; readonly to: string; mode: number; readonly id: number }
type File = Extract<Node, { kind: 'file' }>
type Folder = Extract<Node, { kind: 'folder' }>

const MAX_LINKS = 40

/** A failure as the operating system would give it. */
const failed = (code: string): Error & { code: string } => Object.assign(new Error(code), { code })
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

class Tree {
  private count = 0
  private readonly root: Folder = { kind: 'folder', names: new Map(), mode: 0o755, id: 0 }
  private used = 0
  private readonly room: number

  constructor(room: number) {
    this.room = room
  }

  get left(): number {
    return this.room - this.used
  }
  nextId(): number {
    return ++this.count
  }
  take(bytes: number): void {
    if (this.used + bytes > this.room) throw failed('ENOSPC')
    this.used += bytes
  }
  give(node: Node | undefined): void {
    if (node?.kind === 'file' && !this.named(this.root, node)) this.used -= node.bytes.length
    if (node?.kind === 'folder') for (const one of node.names.values()) this.give(one)
  }
  private named(folder: Folder, file: File): boolean {
    return [...folder.names.values()].some((one) => one === file || (one.kind === 'folder' && this.named(one, file)))
  }

  /** The node at a path and the path without links; undefined where nothing is. */
  find(path: string, follow: boolean, links = 0): { node: Node; path: string } | undefined {
    let node: Node = this.root
    let at = '/'
    const parts = resolve('/', path).split('/').filter(Boolean)
    for (const [index, part] of parts.entries()) {
      if (node.kind !== 'folder') return undefined
      const next: Node | undefined = node.names.get(part)
      if (next === undefined) return undefined
      const last = index === parts.length - 1
      if (next.kind === 'link' && (follow || !last)) {
        if (links >= MAX_LINKS) throw failed('ELOOP')
        const target = join(resolve(at, next.to), ...parts.slice(index + 1))
        return this.find(target, follow, links + 1)
      }
      node = next
      at = join(at, part)
    }
    return { node, path: at }
  }

  file(path: string): File {
    const found = this.find(path, true)?.node
    if (found === undefined) throw failed('ENOENT')
    if (found.kind !== 'file') throw failed('EISDIR')
    return found
  }
  parent(path: string): Folder {
    const found = this.find(dirname(resolve('/', path)), true)?.node
    if (found?.kind !== 'folder') throw failed('ENOENT')
    return found
  }
  put(path: string, node: Node): void {
    const folder = this.parent(path)
    const before = folder.names.get(basename(path))
    folder.names.set(basename(path), node)
    if (before !== node) this.give(before)
  }
  rename(from: string, to: string): void {
    const found = this.find(from, false)
    if (found === undefined) throw failed('ENOENT')
    const there = this.find(to, false)?.node
    if (there?.kind === 'folder' && there.names.size > 0) throw failed('ENOTEMPTY')
    this.parent(to)
    this.parent(from).names.delete(basename(from))
    this.put(to, found.node)
  }
  remove(path: string): void {
    const found = this.find(path, false)
    if (found === undefined) return
    this.parent(path).names.delete(basename(path))
    this.give(found.node)
  }
  folder(path: string, mode: number): void {
    const parts = resolve('/', path).split('/').filter(Boolean)
    for (const [index] of parts.entries()) {
      const here = `/${parts.slice(0, index + 1).join('/')}`
      const there = this.find(here, true)?.node
      if (there === undefined) this.put(here, { kind: 'folder', names: new Map(), mode, id: this.nextId() })
      else if (there.kind !== 'folder') throw failed('ENOTDIR')
    }
  }
}

async function told<T>(path: string, doing: string, work: () => T): Promise<T> {
  try {
    return work()
  } catch (cause) {
    throw fileError(path, doing, cause)
  }
}

function sinkOf(tree: Tree, path: string, file: File): Sink {
  let open = true
  return {
    write: (bytes) =>
      told(path, 'write', () => {
        tree.take(bytes.length)
        file.bytes = Buffer.concat([file.bytes, bytes])
      }),
    finish: async () => {
      open = false
    },
    abandon: async () => {
      if (!open) return
      open = false
      tree.parent(path).names.delete(basename(path))
      tree.give(file)
    },
  }
}

type Reading = Pick<Files, 'facts' | 'list' | 'resolve' | 'open' | 'read' | 'walk'>

function readingOf(tree: Tree): Reading {
  const facts = (path: string, follow: boolean): FileFacts | null => {
    const node = tree.find(path, follow)?.node
    if (node === undefined) return null
    const size = node.kind === 'file' ? node.bytes.length : 0
    return { kind: node.kind, size, mode: node.mode, mtimeMs: 0, identity: String(node.id) }
  }
  const open = (path: string): Promise<OpenFile> =>
    told(path, 'read', () => {
      const { bytes } = tree.file(path)
      const read = async (into: Uint8Array, position: number) => (into.length === 0 ? 0 : bytes.copy(into, 0, position))
      return { size: bytes.length, read, close: async () => undefined }
    })
  const reading: Reading = {
    facts: (path, how) => told(path, 'read', () => facts(path, how?.follow ?? true)),
    list: (folder) =>
      told(folder, 'list', () => {
        const found = tree.find(folder, true)?.node
        if (found !== undefined && found.kind !== 'folder') throw failed('ENOTDIR')
        return [...(found?.names.keys() ?? [])].sort(byBytes)
      }),
    resolve: (path) =>
      told(path, 'read', () => {
        const found = tree.find(path, true)
        if (found === undefined) throw failed('ENOENT')
        return found.path
      }),
    open,
    read: (path, limit = READ_LIMIT) => readWhole(open, path, limit),
    walk: (start, rules) => walk(reading, start, rules),
  }
  return reading
}

function writingOf(tree: Tree): Omit<Files, keyof Reading> {
  const newFile = (bytes: Uint8Array, mode: number): File => {
    tree.take(bytes.length)
    return { kind: 'file', bytes: Buffer.from(bytes), mode, id: tree.nextId() }
  }
  const absent = (path: string) => {
    if (tree.find(path, false) !== undefined) throw failed('EEXIST')
  }
  return {
    write: (path, data, how) =>
      told(path, 'write', () => {
        if (how?.fresh && tree.find(path, false) !== undefined) return false
        tree.parent(path)
        tree.put(path, newFile(Buffer.from(data), how?.mode ?? 0o600))
        return true
      }),
    create: (path, mode) =>
      told(path, 'create', () => {
        absent(path)
        const file = newFile(new Uint8Array(), mode)
        tree.put(path, file)
        return sinkOf(tree, path, file)
      }),
    copy: (from, to, mode) =>
      told(to, 'write', () => {
        absent(to)
        tree.put(to, newFile(tree.file(from).bytes, mode))
      }),
    link: (from, to) =>
      told(from, 'link', () => {
        const file = tree.file(from)
        if (tree.find(to, false) !== undefined) return false
        tree.put(to, file)
        return true
      }),
    rename: (from, to) => told(to, 'write', () => tree.rename(from, to)),
    remove: (path) => told(path, 'remove', () => tree.remove(path)),
    folder: (path, mode = 0o700) => told(path, 'create', () => tree.folder(path, mode)),
    free: async () => tree.left,
  }
}

/** An empty tree with `room` bytes for files; `symlink` makes what `Files` itself never makes. */
export function memoryFiles(room = Number.POSITIVE_INFINITY): Files & { symlink(to: string, path: string): void } {
  const tree = new Tree(room)
  const symlink = (to: string, path: string) => tree.put(path, { kind: 'link', to, mode: 0o777, id: tree.nextId() })
  return { ...readingOf(tree), ...writingOf(tree), symlink }
}
