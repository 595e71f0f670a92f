/** A release whose platform does not run: it stands still, and says what takes it on. Nothing is started. */
import { environmentOf, type ProjectState } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import type { ReleaseView } from '../record/types.ts'
import { failureOf } from './local-failure.ts'
import type { Project } from './project.ts'

export interface Standstill {
  readonly why: string
  /** The command that takes it on. */
  readonly next: string
  /** No data plane answers users either. */
  readonly mute: boolean
}

/** By the journal alone; null: the environment is up. */
export function downOf(state: ProjectState, environment: string): Standstill | null {
  if (environmentOf(state, environment).up) return null
  return { why: `${environment} is down`, next: `slipway local up${envFlag(environment)}`, mute: true }
}

/** Of an environment that is down, or has no host; null: neither. */
export async function standstillOf(
  project: Project,
  state: ProjectState,
  environment: string,
): Promise<Standstill | null> {
  const down = downOf(state, environment)
  const here = environmentOf(state, environment)
  if (down || !here.settings || (await project.host.alive())) return down
  const { up, failure, next } = failureOf(project, { name: environment, here, at: here.settings }, 'gone', undefined)
  return failure !== null && next !== null ? { why: failure, next, mute: !up } : null
}

/** The view of a release that stands still: why, and what to type first. One that is over stays as it is. */
export function stillView(view: ReleaseView, still: Standstill | null): ReleaseView {
  if (still === null || view.outcome !== null) return view
  return {
    ...view,
    timeStands: still.why,
    ...(still.mute ? { nowSentence: 'Nobody answers users.' } : {}),
    nextSentence: `nothing until \`${still.next}\``,
    commands: [still.next, ...view.commands],
  }
}
