/** `local up`, `down` and `status`: the embedded platform of a project. */
import { SlipwayError } from '../errors.ts'
import type { EnvironmentSettings } from '../record/entries.ts'
import { type EnvironmentState, environmentOf } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { ended, sweptText } from './local-end.ts'
import { notReady, planeRuns } from './local-ready.ts'
import { portsFree } from './ports.ts'
import { environmentConfig, environmentName, type Project, stateOf } from './project.ts'
import { request } from './request.ts'
import { namedBaseline, settingsOf } from './served.ts'

export interface LocalOptions {
  readonly env?: string | undefined
  readonly dryRun: boolean
  readonly signal: AbortSignal
}
export interface UpOptions extends LocalOptions {
  /** Stay until the signal, then bring it down. */
  readonly foreground: boolean
  /** false: nobody waits until what serves is ready. */
  readonly awaitReady?: boolean
  say(line: string): void
}
export interface LocalDone {
  readonly environment: string
  readonly up: boolean
  readonly text: string
  readonly undo: string | null
}
const PATIENCE_MS = 20_000
/** In the foreground the host is looked after so often. */
const FOREGROUND_MS = 2000

export const address = ({ host, port }: { host: string; port: number }): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** What an environment is by slipway.yaml; as the journal has it where that is broken. */
function settingsHere(project: Project, name: string, here: EnvironmentState): EnvironmentSettings {
  if (!project.broken) return settingsOf(environmentConfig(project.config, name))
  if (here.settings) return here.settings
  throw project.broken
}

/** Starts the host and the data plane, and what served before. PORT_TAKEN names who holds an address. */
export async function up(project: Project, options: UpOptions): Promise<LocalDone> {
  const environment = environmentName(project, options.env)
  const here = environmentOf(stateOf(project), environment)
  const settings = settingsHere(project, environment, here)
  const where = `${environment} at ${address(settings.listen)}, control at ${address(settings.control)}`
  const undo = `slipway local down${envFlag(environment)}`
  if (options.dryRun) return { environment, up: here.up, text: `would bring up ${where}`, undo }
  const named =
    here.serving || project.broken ? null : await namedBaseline(project, environmentConfig(project.config, environment))
  const moves = address(here.settings?.listen ?? settings.listen) !== address(settings.listen)
  const controlMoves = address(here.settings?.control ?? settings.control) !== address(settings.control)
  if (!here.up || moves || controlMoves || !(await project.host.alive()))
    await portsFree(project, environment, settings)
  await request(
    project,
    environment,
    '',
    { id: project.newId(), verb: 'up', by: project.actor, settings, serving: named },
    PATIENCE_MS,
    options.signal,
  )
  await planeRuns(project, environment, options.signal)
  const serving = here.serving ?? named
  const failed = options.awaitReady === false ? null : await notReady(project, environment, serving, options)
  // In the foreground it stays: the host goes on, and a person may take users elsewhere.
  if (failed && !options.foreground) throw failed
  const serves = serving ? `; ${serving.tag ?? serving.digest} serves` : '; no version serves yet'
  const text = `${where} is up${failed ? `, but ${failed.message}` : serves}`
  const done = { environment, up: true, text, undo }
  if (!options.foreground) return done
  options.say(done.text)
  for (;;) {
    await project.clock.sleep(FOREGROUND_MS, options.signal)
    if (options.signal.aborted) return down(project, { ...options, signal: new AbortController().signal, force: true })
    await project.host.wake()
  }
}

/** Ends everything of the environment: data plane, servers, and the host where no other is up. A running release stops it unless forced. */
export async function down(project: Project, options: LocalOptions & { readonly force: boolean }): Promise<LocalDone> {
  const environment = environmentName(project, options.env)
  const here = environmentOf(stateOf(project), environment)
  const env = envFlag(environment)
  const undo = `slipway local up${env}`
  if (here.active && !options.force)
    throw new SlipwayError(
      'RELEASE_RUNNING',
      `${here.active} runs in ${environment}; with --force it stands still until \`slipway local up${env}\``,
      {
        next: [`slipway release abort ${here.active}${env}`, `slipway local down --force${env}`],
      },
    )
  if (options.dryRun)
    return { environment, up: here.up, text: `would end the servers and the data plane of ${environment}`, undo }
  if (here.up)
    await request(
      project,
      environment,
      '',
      { id: project.newId(), verb: 'down', by: project.actor },
      PATIENCE_MS,
      options.signal,
    )
  const swept = await ended(project, environment, options.signal)
  return {
    environment,
    up: false,
    text: `${environment} is down${sweptText(swept)}`,
    undo,
  }
}
