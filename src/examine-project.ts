/** Composes what `doctor` looks at from real parts; nothing is made. */
import { dirname, join } from 'node:path'
import { findConfig, loadConfig } from './config/load.ts'
import { SlipwayError } from './errors.ts'
import type { Context, State } from './flows/doctor/check.ts'
import { validate } from './flows/validate.ts'
import { systemClock } from './io/clock.ts'
import type { Environment } from './io/environment.ts'
import type { Files } from './io/files.ts'
import { lookAtJournal } from './io/journal-look.ts'
import { JOURNAL } from './io/journal-tables.ts'
import { limitsOffered } from './io/limits.ts'
import { type Machine, systemMachine } from './io/machine.ts'
import { kindOfMark, markPrefix } from './io/marks.ts'
import { systemProcesses } from './io/processes.ts'
import { recordedRuntimeFolder, socketPath } from './io/runtime-folder.ts'
import { openStore } from './io/store.ts'
import { endEvalLeftovers, evalLeftovers } from './platforms/local/eval-servers.ts'
import { nvidiaSmi } from './platforms/local/gpus.ts'

/** What `doctor` sees of the project around the working folder, or of the configuration named; nothing is made. */
export async function examineProject(
  files: Files,
  environment: Environment,
  file: string | undefined,
): Promise<Context> {
  const processes = systemProcesses()
  const machine = systemMachine()
  const seen = await configOf(files, environment.cwd, file)
  const folder = seen.folder === null ? null : join(seen.folder, '.slipway')
  const there = folder !== null && (await files.facts(folder))?.kind === 'folder'
  const look = (state: string) => stateLook(state, files, processes, machine)
  return {
    environment,
    files,
    clock: systemClock,
    machine,
    processes,
    cards: async () => (await nvidiaSmi(environment.variable('PATH')).cards()).length,
    limits: limitsOffered(),
    config: seen.config,
    configError: seen.error,
    state: there ? await look(folder) : null,
    again: () => look(folder ?? ''),
  }
}

async function configOf(files: Files, cwd: string, file: string | undefined) {
  let folder: string | null = null
  try {
    folder = dirname(await findConfig(files, cwd, file))
    await validate(files, cwd, file)
    return { folder, config: await loadConfig(files, cwd, file), error: null }
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    return { folder, config: null, error }
  }
}

async function stateLook(
  folder: string,
  files: Files,
  processes: ReturnType<typeof systemProcesses>,
  machine: Machine,
): Promise<State> {
  const runtime = recordedRuntimeFolder(folder)
  const paths = runtime === null ? [] : (await files.list(runtime)).filter((name) => name.endsWith('.sock'))
  const asked = await Promise.all(
    paths.map(async (name) => ({ path: join(runtime!, name), answers: await machine.answers(join(runtime!, name)) })),
  )
  const evaluations = evalLeftovers(processes, folder)
  const journal = join(folder, 'journal.db')
  return {
    folder,
    store: openStore(files, join(folder, 'store')),
    journal: (await files.facts(journal)) === null ? null : lookAtJournal(journal),
    knownJournal: JOURNAL.version,
    sockets: {
      dead: asked.filter(({ answers }) => !answers).map(({ path }) => path),
      host: asked.some(({ path, answers }) => answers && path === socketPath(runtime!, 'host')),
    },
    marked: processes.marked(markPrefix(folder)).map((one) => ({ ...one, kind: kindOfMark(one.mark) })),
    evaluations: {
      folders: evaluations.length,
      processes: evaluations.reduce((sum, left) => sum + left.processes.length, 0),
    },
    endEvaluations: () => endEvalLeftovers(processes, folder),
  }
}
