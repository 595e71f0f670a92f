/** What git knows of a folder. Without git, or outside a repository, it knows nothing. */
import type { SimpleGit } from 'simple-git'

export interface Git {
  /** Commit of HEAD, with `-dirty` where one of `paths` (absolute) differs from it; null without a commit. */
  commit(folder: string, paths: readonly string[]): Promise<string | null>
  /** Tracked files directly in a folder: their names. */
  tracked(folder: string): Promise<readonly string[]>
}

const TIMEOUT_MS = 10_000

async function asked<T>(folder: string, otherwise: T, ask: (git: SimpleGit) => Promise<T>): Promise<T> {
  try {
    // Most commands open a project and never ask git.
    const { simpleGit } = await import('simple-git')
    return await ask(simpleGit({ baseDir: folder, timeout: { block: TIMEOUT_MS } }))
  } catch {
    return otherwise
  }
}

export const systemGit: Git = {
  commit: (folder, paths) =>
    asked(folder, null, async (git) => {
      const head = (await git.revparse(['--verify', 'HEAD'])).trim()
      if (!/^[0-9a-f]{40,64}$/.test(head)) return null
      const changed =
        paths.length === 0 ? '' : await git.raw(['status', '--porcelain', '-z', '--', ...paths.slice(0, 1000)])
      return changed === '' ? head : `${head}-dirty`
    }),
  tracked: (folder) =>
    asked(folder, [], async (git) =>
      (await git.raw(['ls-files', '-z', '--', '.'])).split('\0').filter((name) => name !== '' && !name.includes('/')),
    ),
}
