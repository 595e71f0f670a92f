/** Composes a project from real parts. Loaded only by commands that need one. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadConfig } from './config/load.ts'
import type { Project } from './flows/project.ts'
import { openAnswers } from './io/answers.ts'
import type { Clock } from './io/clock.ts'
import { type Environment, OWN_NODE_OPTIONS } from './io/environment.ts'
import { openScorer } from './io/evaluator.ts'
import type { Files } from './io/files.ts'
import { systemGit } from './io/git.ts'
import { openJournal } from './io/journal.ts'
import { folderLogs } from './io/logs.ts'
import { kindOfMark, markOf, markPrefix } from './io/marks.ts'
import { findCommand, systemProcesses } from './io/processes.ts'
import { countedFiles, type Progress } from './io/progress.ts'
import { runtimeFolder } from './io/runtime-folder.ts'
import { stateFolder as stateFolderOf } from './io/state-folder.ts'
import { openStore } from './io/store.ts'
import { controlToken } from './io/token.ts'
import { endEvalLeftovers, openEvalServers } from './platforms/local/eval-servers.ts'
import { hostLink } from './platforms/local/host-link.ts'
import { runLoad } from './platforms/local/load/run.ts'
import { trainLane } from './platforms/local/train-lane.ts'

/** Where slipway itself lies. */
export interface Installed {
  readonly root: string
  readonly fromSource?: boolean
}

/** Opens the project around the working folder, or of the configuration named. */
export async function openProject(
  tools: {
    readonly files: Files
    readonly environment: Environment
    readonly clock: Clock
    readonly progress?: Progress
  },
  installed: Installed,
  file: string | undefined,
): Promise<Project> {
  const { environment, clock, progress } = tools
  const files = progress ? countedFiles(tools.files, (bytes) => progress.advance(bytes)) : tools.files
  const config = await loadConfig(files, environment.cwd, file)
  const stateFolder = stateFolderOf(config.folder)
  const env = environment.ownVariables()
  const entry = installed.fromSource ? ['src', 'entries', 'host.ts'] : ['dist', 'entries', 'host.js']
  const { version } = JSON.parse(readFileSync(join(installed.root, 'package.json'), 'utf8')) as { version: string }
  const processes = systemProcesses()
  let journal: Project['journal'] | null = null
  let answers: Project['answers'] | null = null
  return {
    folder: config.folder,
    stateFolder,
    config,
    cwd: environment.cwd,
    path: environment.variable('PATH') ?? '',
    actor: environment.actor,
    files,
    ...(progress && { progress }),
    git: systemGit,
    findCommand: (name) => findCommand(name, environment.variable('PATH') ?? '', config.folder),
    clock,
    store: openStore(files, join(stateFolder, 'store')),
    get journal() {
      journal ??= openJournal(join(stateFolder, 'journal.db'))
      return journal
    },
    get answers() {
      answers ??= openAnswers(join(stateFolder, 'answers.db'))
      return answers
    },
    host: hostLink({
      stateFolder,
      runtimeFolder: runtimeFolder(stateFolder, env),
      projectFolder: config.folder,
      command: [environment.node.path, ...OWN_NODE_OPTIONS, join(installed.root, ...entry)],
      env,
      version,
      clock,
      processes,
    }),
    portHolder(port) {
      const holder = processes.holder(port)
      return holder && { pid: holder.pid, name: holder.pid === null ? null : processes.nameOf(holder.pid) }
    },
    ownProcess: (pid) => processes.marked(markPrefix(stateFolder)).some((p) => p.pid === pid),
    async sweep() {
      const left = processes.marked(markPrefix(stateFolder)).filter((p) => kindOfMark(p.mark) !== 'train')
      processes.signal(left, 'SIGKILL')
      return left.length + endEvalLeftovers(processes, stateFolder)
    },
    program: join(installed.root, 'bin', 'run.js'),
    async again(args, log) {
      const command = [
        environment.node.path,
        ...OWN_NODE_OPTIONS,
        join(installed.root, 'bin', installed.fromSource ? 'dev.js' : 'run.js'),
        ...args,
      ]
      const file = join(stateFolder, 'logs', `${log}.log`)
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      const mark = markOf(stateFolder, 'load', log)
      const started = await processes.start({
        command,
        cwd: config.folder,
        env: { ...env, SLIPWAY_ID: mark },
        log: file,
        nice: 0,
        cgroup: null,
      })
      return started.pid
    },
    logsOf: folderLogs,
    trainLane: trainLane({ processes, clock, stateFolder, env: environment.variables() }),
    logs: folderLogs(join(stateFolder, 'logs')),
    controlToken: () => controlToken(stateFolder),
    load: runLoad,
    scorer: () => openScorer({ cwd: config.folder, env: environment.variables(), clock }),
    evalServers: () =>
      openEvalServers({
        stateFolder,
        projectFolder: config.folder,
        store: openStore(files, join(stateFolder, 'store')),
        clock,
        processes,
        env: environment.variables(),
      }),
    newId: randomUUID,
  }
}
