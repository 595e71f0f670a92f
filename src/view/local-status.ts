import { visible } from '../kit/text.ts'

interface Shown {
  readonly host: { readonly alive: boolean; readonly limits: string | null }
  readonly environments: readonly {
    readonly name: string
    readonly up: boolean
    readonly listen: string
    readonly control: string
    readonly failure: string | null
    readonly next: string | null
    readonly serving: string | null
    readonly release: string | null
    readonly status: 'running' | 'paused' | 'held' | null
    readonly versions: readonly {
      readonly name: string
      readonly state: string
      readonly ready: string
      readonly exits: number
      readonly why: string | null
    }[]
  }[]
}

/** Who serves: what the journal says is told as that where nothing runs. */
function servesLine({ up, failure, serving, release, status }: Shown['environments'][number]): string {
  if (up)
    return `  serves ${visible(serving ?? 'nothing yet')}${release ? `; ${visible(release)} ${status === 'paused' || status === 'held' ? `is ${status}` : 'runs'}` : ''}`
  const stands = release ? `; ${visible(release)} stands still` : ''
  if (serving === null) return `  serves nothing${stands}`
  return `  serves nothing now; ${visible(serving)} is to serve${failure === null ? ' once it is up' : ''}${stands}`
}

function hostLine({ alive, limits }: Shown['host']): string {
  if (!alive) return 'no host lives; `slipway local up` starts it'
  return `host is alive; ${limits === null ? 'it is busy' : `limits are kept by ${limits}`}`
}

/** What runs on this machine. */
export function localStatusText({ host, environments }: Shown): string {
  const lines = [hostLine(host)]
  for (const e of environments) {
    const state = e.up ? 'up' : e.failure === null ? 'down' : 'not running'
    lines.push(`${visible(e.name)}  ${state}  ${e.listen}  control ${e.control}`)
    if (e.failure) lines.push(`  ${visible(e.failure)}${e.next ? `: ${e.next}` : ''}`)
    lines.push(servesLine(e))
    for (const v of e.versions.filter((one) => one.state !== 'stopped'))
      lines.push(
        `  ${visible(v.name)}  ${v.state}  ${v.ready} ready${v.exits > 0 ? `  ${v.exits} exits` : ''}${v.why ? `  ${visible(v.why)}` : ''}`,
      )
  }
  return `${lines.join('\n')}\n`
}
