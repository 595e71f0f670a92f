/** Reads bounded logs of a folder. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

export interface Logs {
  list(): Promise<string[]>
  /** Text from a byte on, and where it ends now; a log that was cut is read from its start. */
  read(name: string, from: number): { text: string; size: number }
}

export const folderLogs = (folder: string): Logs => ({
  list: async () => {
    try {
      return readdirSync(folder).sort()
    } catch {
      return []
    }
  },
  read(name, from) {
    const file = openSync(join(folder, name), 'r')
    try {
      const { size } = fstatSync(file)
      const start = from > size ? 0 : from
      const bytes = Buffer.alloc(size - start)
      const got = readSync(file, bytes, 0, bytes.length, start)
      return { text: bytes.toString('utf8', 0, got), size: start + got }
    } finally {
      closeSync(file)
    }
  },
})
