/** `release explain`: the view of a release, of all its gates or of one. */
import { SlipwayError } from '../errors.ts'
import { nearest, visible } from '../kit/text.ts'
import { environmentOf } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import type { Explained } from '../view/explain.ts'
import { usersMet } from './met.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { viewOfRelease } from './report.ts'

/** Where no release is known yet, what users met lately. USAGE naming the gates where there is no such gate. */
export async function explain(
  project: Project,
  options: {
    readonly env?: string | undefined
    readonly release?: string | undefined
    readonly gate?: string | undefined
  },
): Promise<Explained> {
  const state = stateOf(project)
  const environment = environmentName(project, options.env)
  if (options.release === undefined && environmentOf(state, environment).releases.length === 0) {
    const users = usersMet(project, state, environment, null)
    if (users !== null) return { view: null, gate: null, users }
  }
  const view = await viewOfRelease(project, options)
  const names = view.gates.map(({ plan }) => plan.name)
  const { gate } = options
  if (gate === undefined) return { view, gate: null, users: usersMet(project, state, view.environment, view) }
  if (names.includes(gate)) return { view, gate, users: null }
  const near = nearest(gate, names)
  const known = names.length === 0 ? 'no gate was asked' : `it has ${names.map((name) => visible(name)).join(', ')}`
  throw new SlipwayError('USAGE', `${view.release} has no gate ${JSON.stringify(visible(gate))}; ${known}`, {
    next: [
      `slipway release explain ${view.release}${envFlag(view.environment)}${near === undefined ? '' : ` --gate ${near}`}`,
    ],
  })
}
