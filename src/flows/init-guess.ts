/** What a new slipway.yaml should say, from the names in the folder alone. */
import { join } from 'node:path'
import type { Starter } from '../config/starter.ts'
import { SERVING_TEMPLATES, TRAINING_TEMPLATES } from '../config/templates/index.ts'
import type { Files } from '../io/files.ts'
import type { InitOrder } from './init-order.ts'
import type { Found } from './init-result.ts'

export interface Proposal {
  readonly starter: Starter
  readonly found: Found | null
  readonly notes: readonly string[]
}

const MODEL_ENDINGS = ['.safetensors', '.gguf', '.onnx', '.joblib', '.pt']
const SERVERS: readonly (readonly [string, string])[] = [
  ['app.py', 'python'],
  ['server.py', 'python'],
  ['serve.py', 'python'],
  ['main.py', 'python'],
  ['server.mjs', 'node'],
  ['server.js', 'node'],
  ['serve.mjs', 'node'],
  ['serve.js', 'node'],
]

/** The model of a folder: ./model, else the only model file; null: none is seen. */
export async function modelIn(files: Files, folder: string): Promise<string | null> {
  for (const name of ['model', 'models'])
    if ((await files.facts(join(folder, name)))?.kind === 'folder') return `./${name}`
  const found = (await files.list(folder)).filter((name) =>
    MODEL_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)),
  )
  return found.length === 1 ? `./${found[0]}` : null
}

/** Without a command: what the names in the folder suggest. */
export async function guessed(files: Files, order: InitOrder, model: string): Promise<Proposal> {
  const artifactPath = await modelIn(files, order.folder)
  const names = await files.list(order.folder)
  const template = order.template ?? (artifactPath?.toLowerCase().endsWith('.gguf') ? 'llamacpp' : 'custom')
  const [server, runner] = SERVERS.find(([name]) => names.includes(name)) ?? ['app.py', 'python']
  const gives = SERVING_TEMPLATES.get(template)?.command ?? null
  const training = TRAINING_TEMPLATES.get(template)?.command ? template : null
  const unseen = gives === null && !names.includes(server)
  return {
    starter: {
      ...EMPTY,
      model,
      artifactPath,
      template,
      command: gives === null ? [runner, server, '--port', '{port}', '--model', '{model}'] : null,
      training,
      remarks:
        gives === null ? ['The command that starts your server; `slipway init -- COMMAND` finds what it needs.'] : [],
    },
    found: null,
    notes: [
      ...(unseen ? [`serving.command names ${server}, which is not there: write the command of your server`] : []),
      ...(artifactPath === null && training === null
        ? [
            'no model is seen: put it into ./model or write `artifact: {path: ./FILE}`; where its weights lie in the code, take {model} out of the command',
          ]
        : []),
    ],
  }
}

/** A starter that says nothing yet. */
export const EMPTY: Omit<Starter, 'model'> = {
  artifactPath: null,
  template: 'custom',
  command: null,
  port: null,
  readyPath: null,
  requests: null,
  answer: null,
  training: null,
  remarks: [],
}
