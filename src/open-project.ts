/** Composes a project from real parts. Loaded only by commands that need one. */
import { join } from 'node:path'
import { loadConfig } from './config/load.ts'
import { type Found, loadPast } from './config/past.ts'
import type { Project } from './flows/project.ts'
import { answersIn, olderAnswers } from './io/answers.ts'
import type { Clock } from './io/clock.ts'
import { type Environment, OWN_NODE_OPTIONS } from './io/environment.ts'
import { openScorer } from './io/evaluator.ts'
import type { Files } from './io/files.ts'
import { systemGit } from './io/git.ts'
import { commandEntry, hostEntry, type Installed, newId, versionOf } from './io/installed.ts'
import { journalIn, olderJournal } from './io/journal.ts'
import { eachLine } from './io/lines.ts'
import { folderLogs } from './io/logs.ts'
import { findCommand, systemProcesses } from './io/processes.ts'
import { countedFiles, type Progress } from './io/progress.ts'
import { runtimeFolder } from './io/runtime-folder.ts'
import { stateFolder as stateFolderOf } from './io/state-folder.ts'
import { openStore } from './io/store.ts'
import { controlToken } from './io/token.ts'
import { hostLink } from './platforms/local/host-link.ts'
import { ownProcesses } from './platforms/local/own-processes.ts'
import { trainLane } from './platforms/local/train-lane.ts'

interface Tools {
  readonly files: Files
  readonly environment: Environment
  readonly clock: Clock
  readonly progress?: Progress
}

/** The part of a project that runs things. */
function running(tools: Tools, installed: Installed, projectFolder: string, stateFolder: string) {
  const { environment, clock, files } = tools
  const env = environment.ownVariables()
  const variables = environment.variables()
  const processes = systemProcesses()
  const node = [environment.node.path, ...OWN_NODE_OPTIONS]
  const store = openStore(files, join(stateFolder, 'store'))
  return {
    store,
    host: hostLink({
      stateFolder,
      runtimeFolder: runtimeFolder(stateFolder, env),
      projectFolder,
      command: [...node, hostEntry(installed)],
      env,
      version: versionOf(installed),
      clock,
      processes,
    }),
    ...ownProcesses({ processes, clock, stateFolder, projectFolder, command: [...node, commandEntry(installed)], env }),
    trainLane: trainLane({ processes, clock, stateFolder, env: variables }),
    scorer: () => openScorer({ cwd: projectFolder, env: variables, clock }),
    // node:http takes a while to load, and few commands need it.
    async evalServers() {
      const { openEvalServers } = await import('./platforms/local/eval-servers.ts')
      return openEvalServers({ stateFolder, projectFolder, store, clock, processes, env: variables })
    },
  }
}

/** How a project is opened. */
export interface Opening {
  /** slipway.yaml to use; absent: here or in a parent folder. */
  readonly file: string | undefined
  /** Go on by the journal where slipway.yaml is broken or gone. */
  readonly past: boolean
}

/** Opens the project around the working folder, or of the configuration named. */
export async function openProject(given: Tools, installed: Installed, { file, past }: Opening): Promise<Project> {
  const { environment, clock, progress } = given
  const files = progress ? countedFiles(given.files, (bytes) => progress.advance(bytes)) : given.files
  const found: Found = past
    ? await loadPast(files, environment.cwd, file)
    : await loadConfig(files, environment.cwd, file).then((config) => ({ folder: config.folder, config, broken: null }))
  const { folder, broken } = found
  const stateFolder = stateFolderOf(folder)
  const path = environment.variable('PATH') ?? ''
  const parts = running({ ...given, files }, installed, folder, stateFolder)
  // Only a host brings them to this version: it holds the lock, and an older one has handed over.
  if (olderJournal(stateFolder) || olderAnswers(stateFolder)) await parts.host.wake()
  let journal: Project['journal'] | null = null
  let answers: Project['answers'] | null = null
  return {
    folder,
    stateFolder,
    get config() {
      if (found.config === null) throw found.broken
      return found.config
    },
    broken,
    cwd: environment.cwd,
    path,
    actor: environment.actor,
    files,
    ...(progress && { progress }),
    git: systemGit,
    findCommand: (name) => findCommand(name, path, folder),
    clock,
    get journal() {
      journal ??= journalIn(stateFolder)
      return journal
    },
    get answers() {
      answers ??= answersIn(stateFolder)
      return answers
    },
    ...parts,
    program: commandEntry(installed),
    eachLine,
    logsOf: folderLogs,
    logs: folderLogs(join(stateFolder, 'logs')),
    controlToken: () => controlToken(stateFolder),
    reach: async (address, ready) => (await import('./io/reach.ts')).reach(address, ready),
    load: async (options) => (await import('./platforms/local/load/run.ts')).runLoad(options),
    newId,
  }
}
