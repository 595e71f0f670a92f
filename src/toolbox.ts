/** What a command reaches the outside through. Each tool is made when it is first asked for. */

import type { Project } from './flows/project.ts'
import type { Trying } from './flows/try-watch.ts'
import { type Clock, systemClock } from './io/clock.ts'
import { type Environment, systemEnvironment } from './io/environment.ts'
import { type Files, systemFiles } from './io/files.ts'
import { type Interrupt, systemInterrupt } from './io/interrupt.ts'
import { systemTerminal, type Terminal } from './io/terminal.ts'
import type { Installed } from './open-project.ts'
import type { LiveNames } from './view/completion.ts'

export interface Toolbox {
  readonly environment: Environment
  readonly terminal: Terminal
  readonly clock: Clock
  readonly interrupt: Interrupt
  readonly files: Files
  /** Folder of slipway.yaml, once a flow has found it: errors show paths relative to it. */
  readonly project: { folder: string | null }
  /** Names that completion offers. */
  readonly names: LiveNames
  /** Opens the project of slipway.yaml: its state and its host. Throws CONFIG_NOT_FOUND, CONFIG_INVALID, PERMISSION. */
  open(config: string | undefined): Promise<Project>
  /** What `init` tries a command with. */
  trying(): Promise<Trying>
}

/** Longer than what is tried may take to stop. */
const TRY_GRACE_MS = 12_000

async function trying(environment: Environment, interrupt: Interrupt): Promise<Trying> {
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
    find: (name, cwd) => findCommand(name, environment.variable('PATH') ?? '', cwd),
  }
}

async function open(
  tools: Pick<Toolbox, 'files' | 'environment' | 'clock'>,
  installed: Installed,
  found: Toolbox['project'],
  config: string | undefined,
): Promise<Project> {
  const { openProject } = await import('./open-project.ts')
  const project = await openProject(tools, installed, config)
  found.folder = project.folder
  return project
}

/** The tools of this process. */
export function systemToolbox(installed: Installed): Toolbox {
  const environment = systemEnvironment()
  const interrupt = systemInterrupt()
  const project: Toolbox['project'] = { folder: null }
  return {
    environment,
    terminal: systemTerminal(environment),
    clock: systemClock,
    interrupt,
    files: systemFiles,
    project,
    open: (config) => open({ files: systemFiles, environment, clock: systemClock }, installed, project, config),
    names: async () => [],
    trying: () => trying(environment, interrupt),
  }
}
