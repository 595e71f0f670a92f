/** Starts a command once, looks at what it does, and stops all of it. */
import { join } from 'node:path'
import { answerJson, answerPointer } from '../config/guess.ts'
import type { Exit, Listener } from '../io/processes-contract.ts'
import { hostOf, LOOK_MS, listening, type Running, readyPath, type TryTools } from './try-watch.ts'

/** One request to try, and what its answer should be where that is known. */
export interface TryRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly expect?: unknown
}
export interface TryOrder {
  /** Argument vector; the first is a path. */
  readonly command: readonly string[]
  readonly cwd: string
  /** Given to the server as PORT; one that listens there takes its port from the environment. */
  readonly port: number
  /** Ports that stand in the command. */
  readonly likely: readonly number[]
  readonly request: TryRequest | null
}
export interface Tried {
  readonly port: number
  /** null: no path answered 2xx. */
  readonly readyPath: string | null
  readonly answer: string | null
  /** Why no answer pointer was found, one sentence. */
  readonly answerNote: string | null
}

const ANSWER_MS = 120_000
const STOP_MS = 5_000

async function tryRequest(
  tools: TryTools,
  at: Listener,
  request: TryRequest,
): Promise<Pick<Tried, 'answer' | 'answerNote'>> {
  const { method, path, headers, body, expect } = request
  const json = body === undefined || body === null ? null : JSON.stringify(body)
  const sent = { ...(json === null ? {} : { 'content-type': 'application/json' }), ...headers }
  const got = await tools.trial.ask(
    { host: hostOf(at), port: at.port, method, path, headers: sent, body: json },
    ANSWER_MS,
  )
  const nothing = (why: string) => ({ answer: null, answerNote: `no answer pointer: ${why}` })
  if (got === null) return nothing(`${method} ${path} was not answered`)
  if (got.status < 200 || got.status > 299) return nothing(`${method} ${path} was answered with ${got.status}`)
  const answer = answerJson(got.contentType, got.body)
  if (answer === undefined) return nothing(`the answer to ${method} ${path} is not JSON`)
  const pointer = answerPointer(answer, expect)
  if (pointer === undefined) return nothing(`the answer to ${method} ${path} does not hold what was expected`)
  return { answer: pointer, answerNote: null }
}

/** Everything that came from the command, ended for good. */
async function stop({ clock, processes }: TryTools, { started, mark }: Running): Promise<void> {
  const begin = clock.mono()
  for (;;) {
    const left = processes.family(started, mark)
    if (left.length === 0) return
    const late = clock.mono() - begin > STOP_MS
    processes.signal(left, late ? 'SIGKILL' : 'SIGTERM')
    if (clock.mono() - begin > 2 * STOP_MS) return
    await clock.sleep(LOOK_MS)
  }
}

/** Throws CRASHED, NEVER_READY; nothing of the command runs afterwards. */
export async function tryServer(tools: TryTools, order: TryOrder): Promise<Tried> {
  const { files, processes } = tools
  const mark = `init-${order.port}-${Math.round(tools.clock.now())}`
  const scratch = await tools.trial.scratch()
  const log = join(scratch, 'try.log')
  const env = { ...tools.variables, PORT: String(order.port), HOST: '127.0.0.1', SLIPWAY_ID: mark }
  tools.say('starting the command once, to see its port and when it is ready')
  const started = await processes.start({ command: order.command, cwd: order.cwd, env, log, nice: 0, cgroup: null })
  let exit: Exit | null = null
  void started.exited.then((how) => {
    exit = how
  })
  const running: Running = { started, mark, log, ended: () => exit }
  try {
    const at = await listening(tools, running, [...order.likely, order.port])
    const ready = await readyPath(tools, running, at)
    const asked =
      order.request === null ? { answer: null, answerNote: null } : await tryRequest(tools, at, order.request)
    return { port: at.port, readyPath: ready, ...asked }
  } finally {
    await stop(tools, running)
    await files.remove(scratch)
  }
}
