/** What a new slipway.yaml should say: from the folder, and from one try of the server's command. */
import { isAbsolute, relative, resolve } from 'node:path'
import { likelyPorts, modelArgument, pathArguments, withPlaceholders } from '../config/guess.ts'
import type { Starter } from '../config/starter.ts'
import { SERVING_TEMPLATES } from '../config/templates/index.ts'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import { EMPTY, guessed, modelIn, type Proposal } from './init-guess.ts'
import type { InitOrder, InitTools } from './init-order.ts'
import { CODE_ALONE_NOTE } from './no-model.ts'
import { type TryRequest, tryServer } from './try-server.ts'

const inFolder = (folder: string, path: string): string => {
  const inside = relative(folder, resolve(folder, path))
  return inside.startsWith('..') || isAbsolute(inside) ? resolve(folder, path) : `./${inside}`
}

/** {port} {model} {host} {app} of the typed command as they are for the try. */
function filled(command: readonly string[], port: number, folder: string, model: string | null): readonly string[] {
  const values: Readonly<Record<string, string>> = {
    port: String(port),
    host: '127.0.0.1',
    app: folder,
    version: 'try',
    model: resolve(folder, model ?? './model'),
  }
  return command.map((text) => text.replace(/\{(port|host|app|version|model)\}/g, (_, name: string) => values[name]!))
}

async function kinds(
  files: Files,
  folder: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, 'file' | 'folder'>> {
  const found = new Map<string, 'file' | 'folder'>()
  for (const path of paths) {
    const kind = path.length > 4000 ? undefined : (await files.facts(resolve(folder, path)))?.kind
    if (kind === 'file' || kind === 'folder') found.set(path, kind)
  }
  return found
}

async function tried(tools: InitTools, order: InitOrder, model: string, request: TryRequest | null): Promise<Proposal> {
  const { files } = tools
  const { folder, command } = order
  const trying = await tools.trying()
  const [program = ''] = command
  const path = trying.find(program, folder)
  if (path === null)
    throw new SlipwayError('COMMAND_NOT_FOUND', `there is no program ${visible(program)} here or in PATH`)
  const free = await trying.trial.freePort()
  const there = await kinds(files, folder, pathArguments(command))
  const argument = modelArgument(command, (one) => there.get(one) ?? null)
  const artifactPath = argument === undefined ? await modelIn(files, folder) : inFolder(folder, argument)
  const run = filled(command, free, folder, artifactPath)
  const seen = await tryServer(trying, {
    command: [path, ...run.slice(1)],
    cwd: folder,
    port: free,
    likely: likelyPorts(run),
    request,
  })
  const written = withPlaceholders(command, { port: seen.port, model: argument })
  const told = written.some((text) => text.includes('{port}'))
  const port = told ? '{port}' : seen.port === free ? 'PORT' : 'fixed'
  const usesModel = written.some((text) => text.includes('{model}'))
  const template = SERVING_TEMPLATES.get(order.template ?? 'custom')
  const notes = [
    ...(port === 'fixed' ? [`the server cannot be told its port (${seen.port}), so versions can only swap`] : []),
    ...(usesModel
      ? []
      : [
          artifactPath === null
            ? CODE_ALONE_NOTE
            : 'the command names no model that is there: the server finds it as MODEL_DIR, or put {model} into the command',
        ]),
    ...(seen.readyPath === null ? ['no ready path answered: a version counts as ready when its port answers'] : []),
    ...(seen.answerNote === null ? [] : [seen.answerNote]),
  ]
  const starter: Starter = {
    ...EMPTY,
    model,
    artifactPath,
    template: order.template ?? 'custom',
    command: written,
    port: port === 'fixed' ? seen.port : null,
    readyPath: seen.readyPath === template?.readyPath ? null : seen.readyPath,
    requests: request === null ? null : [`${request.method} ${request.path.split(/[?#]/)[0]}`],
    answer: seen.answer,
    remarks: [
      port === 'PORT' ? 'Found by trying the command; it takes its port from PORT.' : 'Found by trying the command.',
    ],
  }
  return {
    starter,
    found: { port, model: argument === undefined ? null : artifactPath, ready: seen.readyPath, answer: seen.answer },
    notes,
  }
}

export const propose = (
  tools: InitTools,
  order: InitOrder,
  model: string,
  request: TryRequest | null,
): Promise<Proposal> =>
  order.command.length === 0 ? guessed(tools.files, order, model) : tried(tools, order, model, request)
