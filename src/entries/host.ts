/** The host of one project: supervises servers and data planes, drives releases. Its only argument is the project's folder. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readView } from '../flows/view.ts'
import { answersIn } from '../io/answers.ts'
import { systemClock as clock } from '../io/clock.ts'
import { OWN_NODE_OPTIONS, systemEnvironment } from '../io/environment.ts'
import { openScorer } from '../io/evaluator.ts'
import { systemFiles } from '../io/files.ts'
import { type Journal, journalIn } from '../io/journal.ts'
import { notify } from '../io/notify.ts'
import { systemProcesses } from '../io/processes.ts'
import type { Processes } from '../io/processes-contract.ts'
import { reach } from '../io/reach.ts'
import { serveRpc } from '../io/rpc.ts'
import { runtimeFolder, socketPath } from '../io/runtime-folder.ts'
import { stateFolder as stateFolderOf } from '../io/state-folder.ts'
import { openStore } from '../io/store.ts'
import type { Store } from '../io/store-contract.ts'
import { controlToken } from '../io/token.ts'
import { Driver } from '../platforms/local/host/driver.ts'
import { failureText } from '../platforms/local/host/failure-text.ts'
import { openServers } from '../platforms/local/host/servers.ts'
import { acquireLock, readHolder } from '../platforms/local/lock.ts'
import { LocalPlatform } from '../platforms/local/platform.ts'
import type { Supervisor } from '../platforms/local/supervisor/types.ts'
import { EMPTY, environmentOf, fold, type ProjectState } from '../record/fold.ts'
import { runnerDeps } from '../runner/compose.ts'
import { Runner } from '../runner/turn.ts'

const here = fileURLToPath(import.meta.url)
const fromSource = here.endsWith('.ts')
const root = dirname(dirname(dirname(here)))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const entry = (name: string) => [
  process.execPath,
  ...OWN_NODE_OPTIONS,
  join(dirname(here), `${name}${fromSource ? '.ts' : '.js'}`),
]

interface Serving {
  readonly projectFolder: string
  readonly stateFolder: string
  readonly runtime: string
  readonly journal: Journal
  readonly store: Store
  readonly processes: Processes
  readonly env: Readonly<Record<string, string>>
  readonly epoch: number
  readonly driver: Driver
  say(text: string): void
}

/** Servers and data planes; each knows of the other what it needs. */
function servingParts(parts: Serving): { platform: LocalPlatform; supervisor: Supervisor } {
  const { projectFolder, stateFolder, runtime, processes, env, epoch, driver, say } = parts
  let platform: LocalPlatform | null = null
  const supervisor = openServers({
    ...parts,
    clock,
    inFlight: (name, digest) => platform?.inFlight(name, digest) ?? null,
    onEvent: (event) => driver.serverEvent(event),
  })
  platform = new LocalPlatform({
    supervisor,
    stateFolder,
    runtimeFolder: runtime,
    clock,
    processes,
    dataPlane: entry('data-plane'),
    hostCommand: [...entry('host'), projectFolder],
    env,
    controlToken: controlToken(stateFolder),
    epoch,
    version,
    onOpen: () => driver.wake(),
    onLost: (name) => driver.dataPlaneLost(name),
    say: (name, text) => say(`${name} ${text}`),
  })
  return { platform, supervisor }
}

const say = (text: string): void => console.error(`${new Date().toISOString()} ${text}`)

/** Writes down that this host drives from now on. */
function nextEpoch(journal: Journal): number {
  const kept = (journal.snapshot('fold') as ProjectState | undefined) ?? EMPTY
  const epoch = fold(kept, journal.read(kept.seq)).epoch + 1
  journal.append([{ at: clock.now(), kind: 'host', environment: '', release: '', data: { epoch, version } }], null)
  return epoch
}

async function main(projectFolder: string): Promise<void> {
  const environment = systemEnvironment()
  const env = environment.ownVariables()
  const processes = systemProcesses()
  const stateFolder = stateFolderOf(projectFolder)
  const runtime = runtimeFolder(stateFolder, env)
  const self = processes.identify(process.pid)
  const lock = self && acquireLock(runtime, 'host', { ...self, version })
  if (!lock) return say(`another host drives this project: pid ${readHolder(runtime, 'host')?.pid ?? '?'}`)
  const journal = journalIn(stateFolder, { migrates: true })
  const answers = answersIn(stateFolder, { migrates: true })
  const store = openStore(systemFiles, join(stateFolder, 'store'))
  const scorer = openScorer({ cwd: projectFolder, env: environment.variables(), clock })
  const epoch = nextEpoch(journal)
  say(`host ${version} drives ${basename(projectFolder)}, epoch ${epoch}, pid ${process.pid}`)
  const driver = new Driver({
    clock,
    logs: join(stateFolder, 'logs'),
    say,
    notify: (name, release) => tell(name, release),
  })
  const { platform, supervisor } = servingParts({
    projectFolder,
    stateFolder,
    runtime,
    journal,
    store,
    processes,
    env,
    epoch,
    driver,
    say,
  })
  const project = { journal, store, clock }
  const tell = (name: string, release: string) => {
    const command = environmentOf(runner.state, name).settings?.notify
    if (command)
      void readView(project, { environment: name, name: release }).then(
        (view) => notify(command, projectFolder, environment.variables(), JSON.stringify(view), say),
        () => {},
      )
  }
  const runner = new Runner(
    runnerDeps({
      journal,
      answers,
      clock,
      platform,
      epoch,
      store,
      files: systemFiles,
      scorer,
      reach,
      notify: tell,
      wake: () => driver.wake(),
    }),
  )
  const socket = await serveRpc(socketPath(runtime, 'host'), (method, params) =>
    driver.answer(method, params, { version, pid: process.pid, epoch }),
  )
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => driver.handOver())
  await driver.run({ runner, platform, supervisor, journal, lock, processes })
  await socket.close()
  await scorer.close()
  journal.close()
  answers.close()
  lock.release()
  say('host ends')
}

/** Whoever finds no host starts another one. */
function ends(error: Error): never {
  say(failureText(error))
  process.exit(1)
}
process.on('uncaughtException', ends)
main(process.argv[2] ?? process.cwd()).then(() => process.exit(0), ends)
