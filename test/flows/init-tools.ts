/** Real files, processes and sockets for trying `init`. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { InitOrder, InitTools } from '../../src/flows/init-order.ts'
import type { Trying } from '../../src/flows/try-watch.ts'
import { systemClock } from '../../src/io/clock.ts'
import { systemFiles } from '../../src/io/files.ts'
import { findCommand, systemProcesses } from '../../src/io/processes.ts'
import { systemTrial } from '../../src/io/trial.ts'

export const TEMPLATES = join(import.meta.dirname, '..', '..', 'templates')
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`

export function folderWith(files: Readonly<Record<string, string>>, name = 'digits'): string {
  const root = mkdtempSync(join(tmpdir(), 'slipway-init-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, name)
  mkdirSync(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

export const tools = (signal: AbortSignal = new AbortController().signal, more: Partial<Trying> = {}): InitTools => ({
  files: systemFiles,
  templates: TEMPLATES,
  trying: async () => ({
    files: systemFiles,
    clock: systemClock,
    processes: systemProcesses(),
    trial: systemTrial,
    variables: { PATH, HOME: tmpdir() },
    signal,
    say: () => {},
    find: (program, cwd) => findCommand(program, PATH, cwd),
    ...more,
  }),
})

export const order = (folder: string, more: Partial<InitOrder> = {}): InitOrder => ({
  cwd: folder,
  folder,
  force: false,
  dryRun: false,
  command: [],
  ...more,
})

/** First line of a program that lets a test know its process. */
export const KNOWN = "import { appendFileSync } from 'node:fs'; appendFileSync('pids', process.pid + ' ')\n"

/** Processes that wrote themselves down in a folder and still run; undefined: none wrote yet. */
export function survivors(folder: string): readonly number[] | undefined {
  const file = join(folder, 'pids')
  if (!existsSync(file)) return undefined
  const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number)
  return pids.filter((pid) => systemProcesses().identify(pid) !== null)
}

/** A server: `listen` is the port as an expression; `load` ms of 503 at /health; answers POST /predict with `answer`. */
export const serverText = ({
  listen = "at('--port')",
  health = '/health',
  load = 0,
  answer = '{ label: 7 }',
  before = '',
} = {}): string => `${KNOWN}
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
const at = (flag) => Number(process.argv[process.argv.indexOf(flag) + 1])
${before}
const begin = performance.now()
createServer((request, response) => {
  if (request.url === '${health}') {
    response.statusCode = performance.now() - begin < ${load} ? 503 : 200
    return response.end('ok')
  }
  if (request.url.startsWith('/predict') && request.method === 'POST') {
    let text = ''
    request.on('data', (part) => { text += part })
    return request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ asked: JSON.parse(text), ...${answer} }))
    })
  }
  response.statusCode = 404
  response.end()
}).listen(${listen}, '127.0.0.1')
`
