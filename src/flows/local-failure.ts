/** What is wrong with an environment on this machine, as the host and its port tell. */
import type { HostServers } from '../platforms/contract.ts'
import type { EnvironmentSettings } from '../record/entries.ts'
import type { EnvironmentState } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import type { Project } from './project.ts'

type Seen = HostServers['environments'][string] | undefined
/** Mute: it lives, but did not say in time what runs. */
type Host = 'alive' | 'mute' | 'gone'
/** An environment, with the addresses that it has. */
export interface Place {
  readonly name: string
  readonly here: EnvironmentState
  readonly at: Pick<EnvironmentSettings, 'listen' | 'control'>
}

/** What is wrong with an environment that should be up. */
export function failureOf(
  project: Pick<Project, 'portHolder' | 'ownProcess'>,
  { name, here, at }: Place,
  host: Host,
  seen: Seen,
) {
  if (!here.up) return { up: false, failure: null, next: null }
  const holds = (): boolean => {
    const holder = project.portHolder(at.listen.port)
    return holder !== null && project.ownProcess(holder.pid)
  }
  if (host === 'mute')
    return { up: holds(), failure: 'the host is busy and did not say what runs', next: 'slipway local status' }
  const env = envFlag(name)
  const next = `slipway local up${env}`
  if (host === 'alive' && seen?.listening)
    return { up: true, failure: seen.failure, next: seen.failure === null ? null : next }
  if (host === 'alive') {
    const why = seen?.failure ? `: ${seen.failure}` : ''
    return { up: false, failure: `the data plane does not answer${why}`, next: `slipway local logs data-plane${env}` }
  }
  return holds()
    ? { up: true, failure: 'host not running; the data plane goes on with its last orders', next }
    : { up: false, failure: 'host not running, and no data plane: nobody answers users', next }
}
