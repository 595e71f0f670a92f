/** What takes a file away that a command wrote. */
import { resolve } from 'node:path'
import type { Project } from './project.ts'

/** A path as a shell takes it for one word. */
export const shellWord = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`

/** To be asked before it is written; null: no file is named, or one is replaced. */
export async function undoOfFile(
  { files, cwd }: Pick<Project, 'files' | 'cwd'>,
  file: string | undefined,
): Promise<string | null> {
  if (file === undefined || (await files.facts(resolve(cwd, file))) !== null) return null
  return `rm ${shellWord(file)}`
}
