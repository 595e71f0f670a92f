/** `slipway init`: writes a slipway.yaml that passes `validate`. It asks nothing. */
import { basename, join, relative, resolve } from 'node:path'
import { modelNameOf } from '../config/guess.ts'
import { configJsonSchema } from '../config/json-schema.ts'
import { CONFIG_NAME, parseConfig } from '../config/load.ts'
import { SCHEMA_FILE, starterText } from '../config/starter.ts'
import { SERVING_TEMPLATES, TRAINING_TEMPLATES } from '../config/templates/index.ts'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import { checkOrder, type InitOrder, type InitTools } from './init-order.ts'
import type { Initialized } from './init-result.ts'
import { propose } from './init-starter.ts'
import { readTryRequest } from './try-request.ts'
import { shellWord } from './undo-file.ts'

const KEPT = `${CONFIG_NAME}.before`

interface Plan {
  readonly path: string
  readonly bytes: string | Uint8Array
  /** What is written anew each time, as it belongs to slipway. */
  readonly own: boolean
}

async function plans(tools: InitTools, folder: string, template: string, text: string): Promise<readonly Plan[]> {
  const copied: Plan[] = []
  for (const [kind, registry] of [
    ['serving', SERVING_TEMPLATES],
    ['training', TRAINING_TEMPLATES],
  ] as const)
    for (const file of registry.get(template)?.files ?? [])
      copied.push({
        path: file,
        bytes: await tools.files.read(join(tools.templates, kind, template, file)),
        own: false,
      })
  return [
    { path: CONFIG_NAME, bytes: text, own: false },
    ...copied,
    { path: '.slipway/.gitignore', bytes: '*\n', own: true },
    { path: SCHEMA_FILE, bytes: `${JSON.stringify(configJsonSchema())}\n`, own: true },
  ].map((plan) => ({ ...plan, path: join(folder, plan.path) }))
}

/** Throws NOT_EMPTY where a file of the project would be replaced without --force. `text`: what slipway.yaml says. */
export async function init(
  tools: InitTools,
  order: InitOrder,
): Promise<{ readonly result: Initialized; readonly text: string }> {
  checkOrder(order)
  const { files } = tools
  const { folder, dryRun } = order
  const existing = join(folder, CONFIG_NAME)
  const before = (await files.facts(existing)) === null ? null : await files.read(existing)
  // Said before a server is started for nothing.
  if (before !== null && !order.force && order.command.length > 0) throw notEmpty(CONFIG_NAME)
  const model = order.model ?? modelNameOf(basename(resolve(folder)))
  const request = order.request === undefined ? null : await readTryRequest(files, order.cwd, order.request)
  const { starter, found, notes } = await propose(tools, order, model, request)
  const text = starterText(starter)
  parseConfig(text, existing, CONFIG_NAME)
  const changed: Plan[] = []
  for (const plan of await plans(tools, folder, starter.template, text)) {
    const there = (await files.facts(plan.path)) === null ? null : await files.read(plan.path)
    if (there !== null && Buffer.from(plan.bytes).equals(there)) continue
    if (there !== null && !plan.own && !order.force) throw notEmpty(plan.path.slice(folder.length + 1))
    changed.push(plan)
  }
  const mine = changed.filter((plan) => !plan.own).map((plan) => plan.path.slice(folder.length + 1))
  const replaces = before !== null && mine.includes(CONFIG_NAME)
  if (!dryRun && changed.length > 0) {
    await files.folder(folder, 0o755)
    await files.folder(join(folder, '.slipway'))
    if (replaces) await files.write(join(folder, KEPT), before, { mode: 0o644 })
    for (const plan of changed) await files.write(plan.path, plan.bytes, { mode: plan.own ? 0o600 : 0o644 })
  }
  const typed = (file: string) => shellWord(relative(order.cwd, join(folder, file)))
  const undo =
    mine.length === 0 ? null : replaces ? `mv ${typed(KEPT)} ${typed(CONFIG_NAME)}` : `rm ${mine.map(typed).join(' ')}`
  return { text, result: { model, template: starter.template, written: mine, found, notes: [...notes], undo, dryRun } }
}

const notEmpty = (file: string): SlipwayError =>
  new SlipwayError('NOT_EMPTY', `${visible(file)} exists already and stays as it is; --force replaces it`, {
    where: [{ file }],
    next: ['slipway validate'],
  })
