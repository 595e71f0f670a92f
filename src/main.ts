/** The process around a command: terminal, signals, exit code. */
import { type Exit, SlipwayError } from './errors.ts'
import { systemLifetime } from './io/lifetime.ts'
import { systemToolbox, type Toolbox } from './toolbox.ts'
import { asSlipwayError, errorObject, errorText } from './view/error.ts'

export interface Installation {
  /** Folder of package.json. */
  readonly root: string
  /** Commands come from src/ as they are, not from the build. */
  readonly fromSource?: boolean
}

/** True where the answer must be JSON: `--json` before any `--`. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}

function report(thrown: unknown, toolbox: Toolbox, json: boolean): Exit {
  const { terminal, environment } = toolbox
  const error = asSlipwayError(thrown)
  const folder = toolbox.project.folder ?? environment.cwd
  const secret = { folder, home: environment.home }
  if (json) terminal.out(`${JSON.stringify(errorObject(error, secret))}\n`)
  if (!json || error.code === 'BUG') terminal.say(errorText(error, terminal.talkScreen, folder))
  return error.exit
}

async function answer(argv: readonly string[], installation: Installation, toolbox: Toolbox): Promise<Exit> {
  if (argv[0] === '__complete') return completion(argv, installation, toolbox)
  const { dispatch } = await import('./dispatch.ts')
  return dispatch(argv, installation, toolbox)
}

/** For the scripts of `slipway completion`: before oclif loads, for a key that somebody waits for. */
async function completion(argv: readonly string[], { root }: Installation, toolbox: Toolbox): Promise<Exit> {
  const { completionAnswer } = await import('./flows/complete.ts')
  const words = argv.slice(argv[1] === '--' ? 2 : 1)
  const manifest = async () => new TextDecoder().decode(await toolbox.files.read(`${root}/oclif.manifest.json`))
  toolbox.terminal.out(
    await completionAnswer(words, { manifest, names: toolbox.names, sleep: (ms) => toolbox.clock.sleep(ms) }),
  )
  return 0
}

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[], installation: Installation): Promise<void> {
  const toolbox = systemToolbox(installation)
  const json = wantsJson(argv)
  const end = async (exit: Exit): Promise<void> => {
    await toolbox.terminal.flush()
    lifetime.end(exit)
  }
  const fail = (thrown: unknown): Promise<void> => end(report(thrown, toolbox, json))
  const lifetime = systemLifetime(fail)
  const interrupted = toolbox.interrupt.over.then(() => {
    throw new SlipwayError('INTERRUPTED', 'interrupted')
  })
  try {
    await end(await Promise.race([answer(argv, installation, toolbox), interrupted]))
  } catch (thrown) {
    await fail(toolbox.interrupt.signal.aborted ? interruption(thrown) : thrown)
  }
}

/** What a flow throws after Ctrl-C is the interruption, unless it says something better itself. */
function interruption(thrown: unknown): SlipwayError {
  return thrown instanceof SlipwayError && thrown.code !== 'BUG'
    ? thrown
    : new SlipwayError('INTERRUPTED', 'interrupted')
}
