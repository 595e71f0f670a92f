/** `local status`: what runs on this machine. */
import { environmentOf } from '../record/fold.ts'
import { address } from './local.ts'
import { type Project, stateOf } from './project.ts'

export interface LocalStatus {
  readonly host: { readonly alive: boolean; readonly limits: string | null }
  readonly environments: readonly {
    readonly name: string
    readonly up: boolean
    readonly listen: string
    readonly control: string
    readonly failure: string | null
    readonly serving: string | null
    readonly release: string | null
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

/** What runs, as the host sees it; nothing is started. */
export async function localStatus(project: Project): Promise<LocalStatus> {
  const state = stateOf(project)
  const servers = await project.host.servers()
  const tags = await project.store.tags(project.config.model)
  const environments = Object.values(project.config.environments).map(({ name, listen, control }) => {
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
    const serving = here.serving ? (here.serving.tag ?? here.serving.digest) : null
    return {
      name,
      up: here.up,
      listen: address(listen),
      control: address(control),
      failure: seen?.failure ?? null,
      serving,
      release: here.active,
      versions,
    }
  })
  return { host: { alive: servers !== null, limits: servers?.limits ?? null }, environments }
}
