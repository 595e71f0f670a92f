/** Tells a command of the user's what happened; whatever it does, nothing depends on it. */
import { spawn } from 'node:child_process'

const LIMIT_MS = 30_000

/** Runs `command` in `cwd` with `text` on its stdin. Never throws. */
export function notify(
  command: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  text: string,
  say: (line: string) => void,
): void {
  const [program, ...args] = command
  if (program === undefined) return
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  child.on('error', (error) => say(`notify: ${program} could not be run: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (code !== 0) say(`notify: ${program} ended with ${signal ?? code}`)
  })
  child.stdin.on('error', () => {})
  child.stdin.end(text)
}
