/** Files of the operating system. */
import { constants, promises as fs, readSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import { fileError } from './file-error.ts'
import type { FileFacts, Files, OpenFile, Sink } from './files.ts'
import { READ_LIMIT, readWhole } from './read-whole.ts'
import { walk } from './walk.ts'

async function told<T>(path: string, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw fileError(path, doing, cause)
  }
}
/** Bytes between two looks at what else is to be done. */
const BREATH = 4 * 2 ** 20
let unbroken = 0

/**
 * Bytes are read and written synchronously: a thread of the pool would leave them in another core's cache, and gigabytes
 * would cost half as much again. So other work of the process (signals, progress) gets its turn here.
 */
async function breathe(bytes: number): Promise<void> {
  unbroken += bytes
  if (unbroken < BREATH) return
  unbroken = 0
  await new Promise((resolve) => setImmediate(resolve))
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** A name beside `path` that nobody else uses. */
const beside = (path: string): string => {
  // Loaded when something is written: it takes a fifth of a start.
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  return join(dirname(path), `.${basename(path).slice(0, 40)}.${randomBytes(6).toString('hex')}.new`)
}

/** Of a file or a folder. */
async function syncPath(path: string): Promise<void> {
  const handle = await fs.open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function realWrite(path: string, data: string | Uint8Array, mode: number, fresh: boolean): Promise<boolean> {
  const temporary = beside(path)
  try {
    const handle = await fs.open(temporary, 'wx', mode)
    try {
      await handle.writeFile(data)
      await handle.chmod(mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (fresh) {
      await fs.link(temporary, path)
      await fs.unlink(temporary)
    } else await fs.rename(temporary, path)
    await syncPath(dirname(path))
    return true
  } catch (error) {
    await fs.rm(temporary, { force: true })
    if (fresh && codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function realCreate(path: string, mode: number): Promise<Sink> {
  const handle = await told(path, 'create', () => fs.open(path, 'wx', mode))
  let open = true
  return {
    write: (bytes) =>
      told(path, 'write', async () => {
        let done = 0
        await breathe(bytes.length)
        while (done < bytes.length) done += writeSync(handle.fd, bytes, done, bytes.length - done)
      }),
    finish: () =>
      told(path, 'write', async () => {
        await handle.chmod(mode)
        await handle.sync()
        open = false
        await handle.close()
      }),
    abandon: async () => {
      if (!open) return
      open = false
      await handle.close()
      await fs.rm(path, { force: true })
    },
  }
}

async function realOpen(path: string): Promise<OpenFile> {
  return told(path, 'read', async () => {
    // O_NONBLOCK: a pipe put in the file's place must not hang us.
    const handle = await fs.open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await handle.stat()
    if (!stat.isFile()) {
      await handle.close()
      throw new SlipwayError('FILE_UNREADABLE', `${visible(path)} is no regular file`, { where: [{ file: path }] })
    }
    return {
      size: stat.size,
      read: (into, position) =>
        told(path, 'read', async () => {
          let done = 0
          while (done < into.length) {
            const got = readSync(handle.fd, into, done, into.length - done, position + done)
            if (got === 0) break
            done += got
          }
          await breathe(done)
          return done
        }),
      close: () => handle.close(),
    }
  })
}

async function realFacts(path: string, follow: boolean): Promise<FileFacts | null> {
  try {
    const stat = follow ? await fs.stat(path) : await fs.lstat(path)
    return {
      kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other',
      size: stat.size,
      mode: stat.mode & 0o7777,
      mtimeMs: stat.mtimeMs,
      identity: `${stat.dev}:${stat.ino}`,
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String(codeOf(error)))) return null
    throw fileError(path, 'read', error)
  }
}

export const systemFiles: Files = {
  facts: (path, how) => realFacts(path, how?.follow ?? true),
  list: async (folder) => {
    try {
      return (await fs.readdir(folder)).sort(byBytes)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw fileError(folder, 'list', error)
    }
  },
  resolve: (path) => told(path, 'read', () => fs.realpath(path)),
  open: realOpen,
  read: (path, limit = READ_LIMIT) => readWhole(realOpen, path, limit),
  write: (path, data, how) => told(path, 'write', () => realWrite(path, data, how?.mode ?? 0o600, how?.fresh ?? false)),
  create: realCreate,
  copy: (from, to, mode, how) =>
    told(to, 'write', async () => {
      await fs.copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
      await fs.chmod(to, mode)
      if (how?.durable) await syncPath(to)
    }),
  link: async (from, to) => {
    try {
      await fs.link(from, to)
      return true
    } catch (error) {
      if (['EEXIST', 'EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(String(codeOf(error)))) return false
      throw fileError(from, 'link', error)
    }
  },
  rename: (from, to) => told(to, 'write', () => fs.rename(from, to)),
  remove: (path) => told(path, 'remove', () => fs.rm(path, { recursive: true, force: true })),
  folder: (path, mode = 0o700) =>
    told(path, 'create', async () => void (await fs.mkdir(path, { recursive: true, mode }))),
  walk: (start, rules) => walk(systemFiles, start, rules),
  free: (path) =>
    told(path, 'read', async () => {
      const stat = await fs.statfs(path)
      return stat.bavail * stat.bsize
    }),
}
