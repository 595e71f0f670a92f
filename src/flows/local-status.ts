/** `local status`: what runs on this machine. */
import { environmentOf } from '../record/fold.ts'
import { runtimeOf } from '../record/release-id.ts'
import { address } from './local.ts'
import { failureOf, type Place } from './local-failure.ts'
import { type Project, stateOf } from './project.ts'

export interface LocalStatus {
  readonly host: { readonly alive: boolean; readonly limits: string | null }
  readonly environments: readonly {
    readonly name: string
    /** It was brought up and its data plane answers. */
    readonly up: boolean
    readonly listen: string
    readonly control: string
    /** What is wrong, and what to type about it. */
    readonly failure: string | null
    readonly next: string | null
    /** Version that serves, or would. */
    readonly serving: string | null
    readonly release: string | null
    /** What that release does; null: none runs. */
    readonly status: 'running' | 'paused' | 'held' | null
    readonly versions: readonly {
      readonly name: string
      readonly digest: string
      readonly state: string
      readonly ready: string
      readonly exits: number
      readonly why: string | null
    }[]
  }[]
}

/** What is looked at of a project. */
type Looked = Pick<Project, 'config' | 'broken' | 'journal' | 'portHolder' | 'ownProcess'> & {
  readonly host: Pick<Project['host'], 'servers' | 'alive'>
  readonly store: Pick<Project['store'], 'tags'>
}
type Addresses = Place['at']

function statusOf(
  { journal }: Looked,
  environment: string,
  active: string | null,
): LocalStatus['environments'][number]['status'] {
  if (active === null) return null
  const status = runtimeOf(journal, { environment, name: active })?.state.status
  return status === 'paused' || status === 'held' ? status : 'running'
}

/** Each environment that there is, with the addresses that it has. */
function environmentsOf(project: Looked, state: ReturnType<typeof stateOf>): [string, Addresses][] {
  const known = project.broken
    ? Object.entries(state.environments).flatMap(([name, { settings }]) => (settings ? [{ name, ...settings }] : []))
    : Object.values(project.config.environments)
  return known.map(({ name, listen, control }) => {
    const { up, settings } = environmentOf(state, name)
    return [name, (up && settings) || { listen, control }]
  })
}

/** What runs, as the host sees it; nothing is started. */
export async function localStatus(project: Looked): Promise<LocalStatus> {
  const state = stateOf(project)
  const servers = await project.host.servers()
  const host = servers ? 'alive' : (await project.host.alive()) ? 'mute' : 'gone'
  const tags = await project.store.tags()
  const environments = environmentsOf(project, state).map(([name, at]) => {
    const here = environmentOf(state, name)
    const seen = servers?.environments[name]
    const versions = (seen?.versions ?? []).map((v) => ({
      name: tags.find((t) => t.digest === v.digest)?.tag ?? v.digest.slice(7, 19),
      digest: v.digest,
      state: v.state,
      ready: `${v.readyReplicas}/${v.replicas}`,
      exits: v.unaskedExits,
      why: v.why,
    }))
    return {
      name,
      ...failureOf(project, { name, here, at }, host, seen),
      listen: address(at.listen),
      control: address(at.control),
      serving: here.serving ? (here.serving.tag ?? here.serving.digest) : null,
      release: here.active,
      status: statusOf(project, name, here.active),
      versions,
    }
  })
  return { host: { alive: host !== 'gone', limits: servers?.limits ?? null }, environments }
}
