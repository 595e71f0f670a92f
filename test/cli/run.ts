/** Runs the built command as a shell would. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** The built command. */
export const BIN = join(ROOT, 'bin', 'run.js')

export interface Ran {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}
export interface How {
  readonly bin?: string
  readonly node?: string
  readonly nodeArgs?: readonly string[]
  readonly cwd?: string
  /** Laid over a small environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A folder of its own, removed after the test, or as `after` says. */
export function scratch(after: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What a command sees: nothing of the test runner. */
export function environment(more: How['env'] = {}): Record<string, string> {
  const base = { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', ...more }
  return Object.fromEntries(Object.entries(base).filter((pair): pair is [string, string] => pair[1] !== undefined))
}

export function start(args: readonly string[], how: How = {}): { child: ChildProcess; done: Promise<Ran> } {
  const child = spawn(how.node ?? process.execPath, [...(how.nodeArgs ?? []), how.bin ?? BIN, ...args], {
    cwd: how.cwd ?? tmpdir(),
    env: environment(how.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { child, done: ended(child) }
}

export function ended(child: ChildProcess): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

export const run = (args: readonly string[], how: How = {}): Promise<Ran> => start(args, how).done

/** A shell line; `slipway` in it is the built command. */
export function shell(line: string, how: How = {}): Promise<Ran> {
  const functions = `slipway() { "$NODE" "$BIN" "$@"; }`
  const child = spawn('bash', ['-c', `${functions}\n${line}`], {
    cwd: how.cwd ?? tmpdir(),
    env: environment({ NODE: how.node ?? process.execPath, BIN, ...how.env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return ended(child)
}

/** An example as a command shows it, without `slipway`; every one of them stands in a test. */
export const example = (line: string, how: How = {}): Promise<Ran> => shell(`slipway ${line}`, how)
