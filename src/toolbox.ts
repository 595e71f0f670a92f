/** What a command reaches the outside through. Each tool is made when it is first asked for. */
import { type Clock, systemClock } from './io/clock.ts'
import { type Environment, systemEnvironment } from './io/environment.ts'
import { type Files, systemFiles } from './io/files.ts'
import { type Interrupt, systemInterrupt } from './io/interrupt.ts'
import { systemTerminal, type Terminal } from './io/terminal.ts'
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
}

/** The tools of this process. */
export function systemToolbox(): Toolbox {
  const environment = systemEnvironment()
  return {
    environment,
    terminal: systemTerminal(environment),
    clock: systemClock,
    interrupt: systemInterrupt(),
    files: systemFiles,
    project: { folder: null },
    names: async () => [],
  }
}
