/** Versions as an environment serves them, and what an environment is. */
import type { EnvironmentConfig } from '../config/types.ts'
import type { ModelVersion } from '../model/types.ts'
import type { EnvironmentSettings, Served } from '../record/entries.ts'
import { environmentOf, type ProjectState } from '../record/fold.ts'
import type { Project } from './project.ts'
import { resolveVersion } from './resolve.ts'

export const settingsOf = (environment: EnvironmentConfig): EnvironmentSettings => ({
  listen: environment.listen,
  control: environment.control,
  limits: environment.limits,
  timeouts: environment.timeouts,
  notify: environment.notify,
})

interface Said {
  readonly digest: string
  readonly tag: string | null
  /** The program that serves it. */
  readonly program: string
  readonly requests: readonly string[]
  readonly answer: string | null
}

/** Announced, or judged by. */
const usesLabels = ({ evaluation }: Project['config'], { release }: EnvironmentConfig): boolean =>
  evaluation.labelled === true ||
  (release.gates ?? []).some((gate) => gate.kind === 'quality' && 'labels' in gate.source)

function served(project: Project, environment: EnvironmentConfig, { program, ...said }: Said): Served {
  const { serving } = environment
  return {
    ...said,
    outside: false,
    run: {
      replicas: serving.replicas,
      memoryBytes: serving.resources.memoryBytes,
      cpu: serving.resources.cpu,
      gpu: serving.resources.gpu,
      readyTimeoutMs: serving.ready.timeoutMs,
      drainMs: serving.drainMs,
      port: serving.port,
    },
    shell: { path: project.path, command0: project.findCommand(program) },
    envFile: serving.envFile,
    sticky: serving.sticky,
    labelKey: project.config.evaluation.labels.key,
    arriveMs: project.config.evaluation.labels.arriveMs,
    ...(usesLabels(project.config, environment) ? { labelled: true } : {}),
  }
}

/** How a version is served by what slipway.yaml says now. */
export function servedOf(
  project: Project,
  environment: EnvironmentConfig,
  version: ModelVersion,
  tag: string | null,
): Served {
  const { requests, answer, command } = version.serving
  return served(project, environment, { digest: version.digest, tag, program: command[0] ?? '', requests, answer })
}

/** The baseline that slipway.yaml names, as users reach it before the first release; a path is packed. null: none is named. */
export async function namedBaseline(project: Project, environment: EnvironmentConfig): Promise<Served | null> {
  const { baseline, serving } = environment
  if (!baseline) return null
  if ('url' in baseline) {
    const { requests, answer } = serving
    const said = { digest: baseline.url, tag: null, program: '', requests: requests ?? [], answer }
    return { ...served(project, environment, said), outside: true, readyPath: serving.ready.path }
  }
  const { version, tag } = await resolveVersion(project, baseline.ref, false)
  return servedOf(project, environment, version, tag)
}

const outside = (url: string, candidate: Served, readyPath: string | null): Served => ({
  ...candidate,
  digest: url,
  outside: true,
  readyPath,
  tag: null,
})

/** What serves users now, or what slipway.yaml names where nothing does; null: neither, or it names the candidate itself. */
export async function baselineOf(
  project: Project,
  state: ProjectState,
  environment: EnvironmentConfig,
  candidate: Served,
): Promise<Served | null> {
  const { serving } = environmentOf(state, environment.name)
  if (serving) return serving
  if (!environment.baseline) return null
  if ('url' in environment.baseline) return outside(environment.baseline.url, candidate, environment.serving.ready.path)
  const { version, tag } = await resolveVersion(project, environment.baseline.ref, true)
  if (version.digest === candidate.digest) return null
  return servedOf(project, environment, version, tag)
}
