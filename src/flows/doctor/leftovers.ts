import { basename } from 'node:path'
import { type Check, type Context, type Finding, ok, type State, warn } from './check.ts'

interface Records {
  readonly versions?: readonly {
    readonly replicas?: readonly { readonly process?: { readonly mark?: string } | null }[]
  }[]
}

/** Processes of the project that no record knows. Loads and trainings are their own; a host knows what it prepares. */
function strays({ marked, journal, sockets }: State): State['marked'] {
  const snapshots = journal?.snapshots ?? {}
  const records = snapshots.servers as Records | undefined
  const servers = new Set(records?.versions?.flatMap((v) => v.replicas?.map((r) => r.process?.mark) ?? []))
  const planes = new Set(
    Object.entries(snapshots)
      .filter(([key]) => key.startsWith('data-plane:'))
      .map(([, value]) => (value as { readonly pid?: number } | null)?.pid),
  )
  return marked.filter(({ kind, mark, pid }) => {
    if (kind === 'server') return !servers.has(mark)
    if (kind === 'data-plane') return !planes.has(pid)
    return kind === 'prepare' && !sockets.host
  })
}

/** A host that lives may have started one a moment ago and not written it down yet. */
const SETTLE_MS = 500

async function processesLeft(context: Context): Promise<Finding[]> {
  if (strays(context.state!).length === 0) return []
  await context.clock.sleep(SETTLE_MS)
  const left = strays(await context.again())
  if (left.length === 0) return []
  const pids = left.map(({ pid }) => pid).join(', ')
  return [
    warn(`${left.length} processes run that no record knows (pid ${pids})`, 'slipway doctor --fix', async () => {
      context.processes.signal(left, 'SIGKILL')
      return `ended ${left.length} processes`
    }),
  ]
}

function socketsLeft({ machine, state }: Context): Finding[] {
  const { dead, host } = state!.sockets
  if (dead.length === 0 || host) return []
  const names = dead.map((path) => basename(path)).join(', ')
  return [
    warn(`sockets are left that nobody answers: ${names}`, 'slipway doctor --fix', async () => {
      for (const path of dead) machine.removeFile(path)
      return `removed ${names}`
    }),
  ]
}

function evaluationsLeft({ state }: Context): Finding[] {
  const { folders, processes } = state!.evaluations
  if (folders === 0) return []
  const text = `${folders} evaluations were killed and left ${processes} processes and their folders`
  return [
    warn(
      text,
      'slipway doctor --fix',
      async () => `ended ${state!.endEvaluations()} processes, removed ${folders} folders`,
    ),
  ]
}

/** What died without clearing up. */
export const leftovers: Check = {
  name: 'leftovers',
  needs: 'state',
  async run(context) {
    const found = [...(await processesLeft(context)), ...socketsLeft(context), ...evaluationsLeft(context)]
    return found.length > 0 ? found : [ok('nothing is left over')]
  },
}
