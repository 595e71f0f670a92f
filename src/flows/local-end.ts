/** The end of an environment on this machine. */
import { type Project, type Swept, stateOf } from './project.ts'

const DOWN_MS = 60_000
const LOOK_MS = 100

/** Waits for the end of what runs in the environment; where it was the last, of the host too, and of what else is left: how many processes; null: others go on. */
export async function ended(project: Project, name: string, signal: AbortSignal): Promise<Swept | null> {
  const until = project.clock.mono() + DOWN_MS
  const lasts = async (): Promise<boolean> => {
    const servers = await project.host.servers()
    return servers ? servers.environments[name]?.running === true || !othersUp(project, name) : project.host.alive()
  }
  while (project.clock.mono() < until && !signal.aborted && (await lasts())) await project.clock.sleep(LOOK_MS, signal)
  return othersUp(project, name) ? null : project.sweep()
}

const othersUp = (project: Project, name: string): boolean =>
  Object.entries(stateOf(project).environments).some(([other, { up }]) => up && other !== name)

/** What else was ended, to be said behind that it is down. */
export function sweptText(swept: Swept | null): string {
  if (!swept) return ''
  const { loads, left } = swept
  const went = loads === 1 ? '; the load that went on was stopped' : `; ${loads} loads that went on were stopped`
  const over = left === 1 ? 'process that was left over was' : 'processes that were left over were'
  return `${loads > 0 ? went : ''}${left > 0 ? `; ${left} ${over} ended` : ''}`
}
