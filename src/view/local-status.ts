import { visible } from '../kit/text.ts'

interface Shown {
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
      readonly state: string
      readonly ready: string
      readonly exits: number
      readonly why: string | null
    }[]
  }[]
}

/** What runs on this machine. */
export function localStatusText({ host, environments }: Shown): string {
  const lines = [
    host.alive ? `host is alive; limits are kept by ${host.limits}` : 'no host lives; `slipway local up` starts it',
  ]
  for (const e of environments) {
    lines.push(`${e.name}  ${e.up ? 'up' : 'down'}  ${e.listen}  control ${e.control}`)
    if (e.failure) lines.push(`  ${visible(e.failure)}`)
    lines.push(`  serves ${e.serving ?? 'nothing yet'}${e.release ? `; ${e.release} runs` : ''}`)
    for (const v of e.versions.filter((one) => one.state !== 'stopped'))
      lines.push(
        `  ${v.name}  ${v.state}  ${v.ready} ready${v.exits > 0 ? `  ${v.exits} exits` : ''}${v.why ? `  ${visible(v.why)}` : ''}`,
      )
  }
  return `${lines.join('\n')}\n`
}
