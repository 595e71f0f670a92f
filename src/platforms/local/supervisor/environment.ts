/** What a server is started with: its argument vector and its environment. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SlipwayError } from '../../../errors.ts'
import { findCommand } from '../../../io/processes.ts'
import { type EnvFile, parseEnvFile } from '../../../kit/env-file.ts'
import { shorten, visible } from '../../../kit/text.ts'
import type { ServeOrder } from '../../contract.ts'
import type { LaidOut } from './types.ts'

export const HOST = '127.0.0.1'

// A server sees what describes the machine and the person's language; nothing else of the shell that started the host.
const INHERITED =
  /^(LANG|LANGUAGE|LC_\w+|TZ|USER|LOGNAME|LD_LIBRARY_PATH|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|CUDA_HOME|CUDA_PATH|NVIDIA_\w+|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/

export interface Place {
  readonly port: number
  readonly home: string
  readonly tmp: string
  /** Working folder, {app}. */
  readonly app: string
  /** CUDA_VISIBLE_DEVICES; empty: untouched. */
  readonly cards: readonly string[]
}

/** `{port} {host} {model} {app} {version}` and the template's parameters replaced in each argument. */
export function fillCommand(order: ServeOrder, layout: LaidOut, place: Place): readonly string[] {
  const values: Record<string, string> = {
    ...Object.fromEntries(Object.entries(layout.serving.params).map(([name, value]) => [name, String(value)])),
    port: String(place.port),
    host: HOST,
    model: layout.modelPath,
    app: place.app,
    version: order.digest,
  }
  return layout.serving.command.map((argument) =>
    argument.replace(/\{(\w+)\}/g, (all, name: string) => (Object.hasOwn(values, name) ? values[name]! : all)),
  )
}

/** The argument vector with its first word as a path. Throws COMMAND_NOT_FOUND, saying where was looked. */
export function locateCommand(
  command: readonly string[],
  shell: { readonly path: string; readonly command0: string | null },
  cwd: string,
): readonly string[] {
  const [name = '', ...rest] = command
  const found = findCommand(shell.command0 ?? name, shell.path, cwd)
  if (found !== null) return [found, ...rest]
  const where = (shell.command0 ?? name).includes('/')
    ? `as ${visible(shell.command0 ?? name)}`
    : `in PATH ${visible(shorten(shell.path, 400))}`
  throw new SlipwayError(
    'COMMAND_NOT_FOUND',
    `the command ${visible(name)} was not found ${where}; install it or name its path`,
  )
}

/** What serving.envFile holds; the file is read anew at each call. FILE_UNREADABLE. */
export function readEnvFile(projectFolder: string, envFile: string | null): EnvFile {
  if (envFile === null) return { values: {}, leftOut: [] }
  const file = resolve(projectFolder, envFile)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const why = existsSync(file) ? 'cannot be read' : 'does not exist'
    throw new SlipwayError('FILE_UNREADABLE', `serving.envFile ${visible(envFile)} ${why}; make it or remove the key`, {
      where: [{ file: envFile }],
      cause,
    })
  }
  return parseEnvFile(text)
}

/** The whole environment of a server. What slipway promises (PORT, HOST, cards) stands above what the version says. */
export function serverEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  order: ServeOrder,
  layout: LaidOut,
  place: Place,
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const inherited = Object.entries(host).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && INHERITED.test(pair[0]),
  )
  return {
    ...Object.fromEntries(inherited),
    PATH: order.shell.path,
    HOME: place.home,
    TMPDIR: place.tmp,
    MODEL_DIR: layout.modelsFolder,
    MODEL_PATH: layout.modelPath,
    APP_DIR: place.app,
    ...layout.serving.env,
    ...secrets,
    HOST,
    PORT: String(place.port),
    ...(place.cards.length > 0 && { CUDA_VISIBLE_DEVICES: place.cards.join(',') }),
  }
}
