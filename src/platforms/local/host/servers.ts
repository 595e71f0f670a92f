/** The supervisor of a host, with its table kept in the journal. */
import { join } from 'node:path'
import type { Clock } from '../../../io/clock.ts'
import type { Journal } from '../../../io/journal.ts'
import { findLimiter } from '../../../io/limits.ts'
import type { Processes } from '../../../io/processes-contract.ts'
import type { Store } from '../../../io/store-contract.ts'
import { nvidiaSmi } from '../gpus.ts'
import { createSupervisor } from '../supervisor/supervisor.ts'
import type { Supervisor, SupervisorEvent, SupervisorRecords } from '../supervisor/types.ts'

/** Snapshot key of the table of what runs. */
const SERVERS_KEY = 'servers'

export interface ServersOptions {
  readonly stateFolder: string
  readonly projectFolder: string
  readonly journal: Journal
  readonly store: Store
  readonly clock: Clock
  readonly processes: Processes
  readonly env: Readonly<Record<string, string | undefined>>
  inFlight(environment: string, digest: string): number | null
  onEvent(event: SupervisorEvent): void
}

/** Makes the supervisor and lets it take over what an earlier host started. */
export function openServers(options: ServersOptions): Supervisor {
  const { journal, store } = options
  const supervisor: Supervisor = createSupervisor({
    stateFolder: options.stateFolder,
    projectFolder: options.projectFolder,
    versions: {
      async prepareVersion(digest, folder) {
        const [laid, stored] = await Promise.all([store.materialise(digest, join(folder, 'files')), store.read(digest)])
        return {
          modelsFolder: laid.models,
          appFolder: laid.app,
          modelPath: laid.model,
          serving: stored.version.serving,
        }
      },
    },
    clock: options.clock,
    processes: options.processes,
    limiter: findLimiter(),
    gpus: nvidiaSmi(options.env.PATH),
    inFlight: options.inFlight,
    hostEnvironment: options.env,
    onEvent(event) {
      journal.append([], null, { [SERVERS_KEY]: supervisor.records() })
      options.onEvent(event)
    },
  })
  const records = journal.snapshot(SERVERS_KEY) as SupervisorRecords | undefined
  supervisor.adopt(records ?? { versions: [] })
  return supervisor
}
