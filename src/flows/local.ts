/** `local up`, `down` and `status`: the embedded platform of a project. */
import { SlipwayError } from '../errors.ts'
import { environmentOf } from '../record/fold.ts'
import { ended } from './local-end.ts'
import { portsFree } from './ports.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import { request } from './request.ts'
import { outsideOf, settingsOf } from './served.ts'

export interface LocalOptions {
  readonly env?: string | undefined
  readonly dryRun: boolean
  readonly signal: AbortSignal
}
export interface UpOptions extends LocalOptions {
  /** Stay until the signal, then bring it down. */
  readonly foreground: boolean
  say(line: string): void
}
export interface LocalDone {
  readonly environment: string
  readonly up: boolean
  readonly text: string
  readonly undo: string | null
}
const PATIENCE_MS = 20_000
const LOOK_MS = 100
/** In the foreground the host is looked after so often. */
const FOREGROUND_MS = 2000

export const address = ({ host, port }: { host: string; port: number }): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** Starts the host and the data plane, and what served before. PORT_TAKEN names who holds an address. */
export async function up(project: Project, options: UpOptions): Promise<LocalDone> {
  const environment = environmentConfig(project.config, options.env)
  const here = environmentOf(stateOf(project), environment.name)
  const where = `${environment.name} at ${address(environment.listen)}, control at ${address(environment.control)}`
  const undo = 'slipway local down'
  if (options.dryRun) return { environment: environment.name, up: here.up, text: `would bring up ${where}`, undo }
  const outside = here.serving ? null : outsideOf(project, environment)
  const moves = address(here.settings?.listen ?? environment.listen) !== address(environment.listen)
  const controlMoves = address(here.settings?.control ?? environment.control) !== address(environment.control)
  if (!here.up || moves || controlMoves || !(await project.host.alive())) await portsFree(project, environment.name)
  await request(
    project,
    environment.name,
    '',
    { id: project.newId(), verb: 'up', by: project.actor, settings: settingsOf(environment), serving: outside },
    PATIENCE_MS,
    options.signal,
  )
  await planeRuns(project, environment.name, options.signal)
  const serving = here.serving ?? outside
  const serves = serving ? `; ${serving.tag ?? serving.digest} serves` : '; no version serves yet'
  const done = { environment: environment.name, up: true, text: `${where} is up${serves}`, undo }
  if (!options.foreground) return done
  options.say(done.text)
  for (;;) {
    await project.clock.sleep(FOREGROUND_MS, options.signal)
    if (options.signal.aborted) return down(project, { ...options, signal: new AbortController().signal, force: true })
    await project.host.wake()
  }
}

async function planeRuns(project: Project, name: string, signal: AbortSignal): Promise<void> {
  const until = project.clock.mono() + PATIENCE_MS
  while (project.clock.mono() < until && !signal.aborted) {
    const plane = (await project.host.servers())?.environments[name]
    if (plane?.failure)
      throw new SlipwayError('DATA_PLANE_UNREACHABLE', plane.failure, { next: ['slipway local logs data-plane'] })
    if (plane?.listening) return
    await project.clock.sleep(LOOK_MS, signal)
  }
  throw new SlipwayError('DATA_PLANE_UNREACHABLE', 'the data plane did not come up', {
    next: ['slipway local logs data-plane', 'slipway local logs host'],
  })
}

/** Ends everything of the environment: data plane, servers, and the host where no other is up. A running release stops it unless forced. */
export async function down(project: Project, options: LocalOptions & { readonly force: boolean }): Promise<LocalDone> {
  const environment = environmentConfig(project.config, options.env).name
  const here = environmentOf(stateOf(project), environment)
  const undo = 'slipway local up'
  if (options.dryRun)
    return { environment, up: here.up, text: `would end the servers and the data plane of ${environment}`, undo }
  if (here.active && !options.force)
    throw new SlipwayError(
      'RELEASE_RUNNING',
      `${here.active} runs in ${environment}; with --force it stands still until \`slipway local up\``,
      {
        next: [`slipway release abort ${here.active}`, 'slipway local down --force'],
      },
    )
  if (here.up)
    await request(
      project,
      environment,
      '',
      { id: project.newId(), verb: 'down', by: project.actor },
      PATIENCE_MS,
      options.signal,
    )
  const left = await ended(project, environment, options.signal)
  return {
    environment,
    up: false,
    text: `${environment} is down${left > 0 ? `; ${left} left-over processes were ended` : ''}`,
    undo,
  }
}
