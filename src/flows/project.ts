/** The project that a command works in: its configuration, state and host, opened when asked for. */

import type { Config, EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { Answers } from '../io/answers.ts'
import type { Clock } from '../io/clock.ts'
import type { Scorer } from '../io/evaluator.ts'
import type { Files } from '../io/files.ts'
import type { Git } from '../io/git.ts'
import type { Journal } from '../io/journal.ts'
import type { Logs } from '../io/logs.ts'
import type { Progress } from '../io/progress.ts'
import type { Store } from '../io/store-contract.ts'
import { nearest, visible } from '../kit/text.ts'
import type { EvalServers, HostLink } from '../platforms/contract.ts'
import type { LoadOptions, LoadSummary } from '../platforms/local/load/run.ts'
import { allReleases, EMPTY, environmentOf, fold, type ProjectState, type ReleaseSummary } from '../record/fold.ts'
import type { TrainLane } from '../training/contract.ts'

export interface Project {
  /** Folder of slipway.yaml, and .slipway in it. */
  readonly folder: string
  readonly stateFolder: string
  readonly config: Config
  readonly cwd: string
  /** PATH of the shell that runs the command. */
  readonly path: string
  readonly actor: string
  readonly clock: Clock
  readonly journal: Journal
  readonly answers: Answers
  readonly store: Store
  readonly files: Files
  /** Of long work, for the person at the terminal. */
  readonly progress?: Progress
  readonly git: Git
  readonly host: HostLink
  /** Absolute path of a program as the shell would find it from the project's folder; null: not found. */
  findCommand(name: string): string | null
  /** Who listens on a port; null: nobody. */
  portHolder(port: number): { readonly pid: number | null; readonly name: string | null } | null
  /** Is it one of this project's? */
  ownProcess(pid: number | null): boolean
  /** Ends everything that carries the project's mark; how many that was. */
  sweep(): Promise<number>
  /** Each line of a large file with its number; the SHA-256 of its bytes. */
  eachLine(path: string, take: (line: string, number: number) => void): Promise<string>
  readonly logs: Logs
  /** Logs of another folder. */
  logsOf(folder: string): Logs
  readonly trainLane: TrainLane
  /** Path of slipway's own program. */
  readonly program: string
  /** Runs slipway in the background with these arguments; its output goes to the log of that name. Resolves to its pid. */
  again(args: readonly string[], log: string): Promise<number>
  controlToken(): string
  load(options: LoadOptions): Promise<LoadSummary>
  scorer(): Scorer
  /** Servers for an evaluation; `stop` must be called. */
  evalServers(): Promise<EvalServers>
  /** A new id for a request. */
  newId(): string
}

/** The state of the project as the journal has it now. */
export function stateOf(project: Pick<Project, 'journal'>): ProjectState {
  const kept = project.journal.snapshot('fold') as ProjectState | undefined
  const from = kept ?? EMPTY
  return fold(from, project.journal.read(from.seq))
}

/** The environment that a command acts in. */
export function environmentConfig(config: Config, name: string | undefined): EnvironmentConfig {
  const names = Object.keys(config.environments)
  const wanted = name ?? (names.length === 1 ? names[0]! : 'dev')
  const found = Object.hasOwn(config.environments, wanted) ? config.environments[wanted] : undefined
  if (found) return found
  const near = nearest(wanted, names)
  throw new SlipwayError(
    'ENVIRONMENT_UNKNOWN',
    `slipway.yaml has no environment ${JSON.stringify(visible(wanted))}; it has ${names.join(', ')}`,
    {
      where: [{ file: 'slipway.yaml', pointer: '/environments' }],
      next: near ? [`--env ${near}`] : [],
    },
  )
}

/** The release that is meant: named, else the one that runs, else the last. */
export function releaseOf(state: ProjectState, environment: string, name: string | undefined): ReleaseSummary {
  const here = environmentOf(state, environment)
  const wanted = name ?? here.active
  const all = allReleases(state)
  const found = wanted
    ? all.find((r) => r.name === wanted && (name !== undefined || r.environment === environment))
    : here.releases.at(-1)
  if (found) return found
  if (!wanted)
    throw new SlipwayError('RELEASE_UNKNOWN', `there is no release in ${environment} yet`, {
      next: ['slipway release start'],
    })
  const near = nearest(
    wanted,
    all.map((r) => r.name),
  )
  throw new SlipwayError('RELEASE_UNKNOWN', `there is no release ${JSON.stringify(visible(wanted))}`, {
    next: near ? [`slipway release status ${near}`] : ['slipway release history'],
  })
}
