/** What a command reaches the outside through. Each tool is made when it is first asked for. */

import type { Context } from './flows/doctor/check.ts'
import type { Project } from './flows/project.ts'
import type { Trying } from './flows/try-watch.ts'
import { type Clock, systemClock } from './io/clock.ts'
import { type Environment, systemEnvironment } from './io/environment.ts'
import { type Files, systemFiles } from './io/files.ts'
import type { Installed } from './io/installed.ts'
import { type Interrupt, systemInterrupt } from './io/interrupt.ts'
import { type Keys, systemKeys } from './io/keys.ts'
import { systemTerminal, type Terminal } from './io/terminal.ts'
import { visible } from './kit/text.ts'
import type { Opening } from './open-project.ts'
import type { LiveNames, NameKind } from './view/completion.ts'

export interface Toolbox {
  readonly environment: Environment
  readonly terminal: Terminal
  readonly clock: Clock
  readonly interrupt: Interrupt
  readonly keys: Keys
  readonly files: Files
  /** Folder of slipway.yaml, once a flow has found it: errors show paths relative to it. */
  readonly project: { folder: string | null }
  /** Names that completion offers. */
  readonly names: LiveNames
  /** Opens the project of slipway.yaml: its state and its host. Throws CONFIG_NOT_FOUND, CONFIG_INVALID, PERMISSION. */
  open(config: string | undefined): Promise<Project>
  /** The same past a slipway.yaml that is broken or gone, which is told: what is known then stands in the journal. */
  openPast(config: string | undefined): Promise<Project>
  /** What `doctor` looks at; nothing is made. */
  examined(config: string | undefined): Promise<Context>
  /** What `init` tries a command with. */
  trying(): Promise<Trying>
}

/** Longer than what is tried may take to stop. */
const TRY_GRACE_MS = 12_000

async function trying(environment: Environment, interrupt: Interrupt, terminal: Terminal): Promise<Trying> {
  const { findCommand, systemProcesses } = await import('./io/processes.ts')
  const { systemTrial } = await import('./io/trial.ts')
  interrupt.graceMs = TRY_GRACE_MS
  return {
    files: systemFiles,
    clock: systemClock,
    processes: systemProcesses(),
    trial: systemTrial,
    variables: environment.variables(),
    signal: interrupt.signal,
    say: (line) => terminal.say(line),
    find: (name, cwd) => findCommand(name, environment.variable('PATH') ?? '', cwd),
  }
}

type ProjectTools = Pick<Toolbox, 'files' | 'environment' | 'clock'>

async function open(
  { terminal, files, environment, clock, project: found }: Pick<Toolbox, 'terminal' | 'project'> & ProjectTools,
  installed: Installed,
  opening: Opening,
): Promise<Project> {
  const [{ openProject }, { terminalProgress }] = await Promise.all([
    import('./open-project.ts'),
    import('./io/progress.ts'),
  ])
  const progress = terminalProgress(terminal, clock)
  const project = await openProject({ files, environment, clock, progress }, installed, opening)
  found.folder = project.folder
  const wrong = project.broken?.message.split('\n')[0]?.replace(/:$/, '')
  if (wrong !== undefined)
    terminal.say(`note: going by the journal, for slipway.yaml cannot be used: ${visible(wrong)}`)
  return project
}

async function names(kind: NameKind, { cwd }: Environment, opened: () => Promise<Project>): Promise<readonly string[]> {
  const [{ liveNames }, { loadConfig }] = await Promise.all([import('./flows/names.ts'), import('./config/load.ts')])
  return liveNames(kind, { config: () => loadConfig(systemFiles, cwd, undefined), files: systemFiles, open: opened })
}

/** The tools of this process. */
export function systemToolbox(installed: Installed): Toolbox {
  const environment = systemEnvironment()
  const interrupt = systemInterrupt()
  const tools = {
    environment,
    terminal: systemTerminal(environment),
    clock: systemClock,
    interrupt,
    keys: systemKeys,
    files: systemFiles,
    project: { folder: null },
  }
  return {
    ...tools,
    open: (file) => open(tools, installed, { file, past: false }),
    openPast: (file) => open(tools, installed, { file, past: true }),
    names: (kind) => names(kind, environment, () => open(tools, installed, { file: undefined, past: false })),
    examined: async (config) => (await import('./examine-project.ts')).examineProject(systemFiles, environment, config),
    trying: () => trying(environment, interrupt, tools.terminal),
  }
}
