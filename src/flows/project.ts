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
import { EMPTY, type EnvironmentState, fold, type ProjectState } from '../record/fold.ts'
import type { TrainLane } from '../training/contract.ts'

/** How many processes were ended. */
export interface Swept {
  /** Loads that went on in the background. */
  readonly loads: number
  /** What should have ended by itself. */
  readonly left: number
}
export interface Project {
  /** Folder of slipway.yaml, and .slipway in it. */
  readonly folder: string
  readonly stateFolder: string
  /** slipway.yaml. Throws `broken` where the project was opened past it. */
  readonly config: Config
  /** What is wrong with slipway.yaml, where the project was opened past it: what is known stands in the journal. */
  readonly broken?: SlipwayError | null
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
  /** Asks a server outside: null where it answers, else why not. */
  reach(address: string, path: string | null): Promise<string | null>
  /** Who listens on a port; null: nobody. */
  portHolder(port: number): { readonly pid: number | null; readonly name: string | null } | null
  /** Is it one of this project's? */
  ownProcess(pid: number | null): boolean
  /** Ends everything that carries the project's mark, except training. */
  sweep(): Promise<Swept>
  /** Each line of a large file with its number; the SHA-256 of its bytes. */
  eachLine(path: string, take: (line: string, number: number) => void): Promise<string>
  readonly logs: Logs
  /** Logs of another folder. */
  logsOf(folder: string): Logs
  readonly trainLane: TrainLane
  /** Path of slipway's own program. */
  readonly program: string
  /** Runs slipway in the background with these arguments, for a load or a training; its output goes to the log of that name. Resolves to its pid. */
  again(args: readonly string[], what: 'load' | 'train'): Promise<number>
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

/** The one meant of these environments: named, else the only one, else dev. */
function meant(wanted: string | undefined, names: readonly string[], who: string): string {
  const name = wanted ?? (names.length === 1 ? names[0]! : 'dev')
  if (names.includes(name)) return name
  const near = nearest(name, names)
  throw new SlipwayError(
    'ENVIRONMENT_UNKNOWN',
    `${who} has no environment ${JSON.stringify(visible(name))}; it has ${names.join(', ') || 'none'}`,
    {
      where: [{ file: 'slipway.yaml', pointer: '/environments' }],
      next: near ? [`--env ${near}`] : [],
    },
  )
}

/** The environment that a command acts in. */
export const environmentConfig = ({ environments }: Config, name: string | undefined): EnvironmentConfig =>
  environments[meant(name, Object.keys(environments), 'slipway.yaml')]!

/** Its name; past a broken slipway.yaml, of those that the journal knows. */
export function environmentName(
  project: Pick<Project, 'config' | 'broken' | 'journal'>,
  name: string | undefined,
): string {
  if (!project.broken) return environmentConfig(project.config, name).name
  return meant(name, Object.keys(stateOf(project).environments), 'the journal')
}

/** The model that an environment is about; past a broken slipway.yaml, that of its last release. */
export const modelOf = (project: Pick<Project, 'config' | 'broken'>, here: EnvironmentState): string =>
  project.broken ? (here.releases.at(-1)?.model ?? '') : project.config.model
