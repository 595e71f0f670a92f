/** What `slipway init` is asked for. */
import { modelNameOf } from '../config/guess.ts'
import { MODEL_NAME } from '../config/schema/index.ts'
import { SERVING_TEMPLATES } from '../config/templates/index.ts'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { nearest, visible } from '../kit/text.ts'
import type { Trying } from './try-watch.ts'

export interface InitTools {
  readonly files: Files
  /** Folder of the templates that come with slipway. */
  readonly templates: string
  /** What a command is tried with; asked for only then. */
  trying(): Promise<Trying>
}
export interface InitOrder {
  /** Where the command was typed, and the project: both absolute. */
  readonly cwd: string
  readonly folder: string
  readonly model?: string | undefined
  readonly template?: string | undefined
  readonly force: boolean
  readonly dryRun: boolean
  /** Empty: nothing is tried. */
  readonly command: readonly string[]
  /** One request for the try: JSON, or a file that holds it. */
  readonly request?: string | undefined
}
/** Throws USAGE for an order that cannot be carried out. */
export function checkOrder({ model, template, command, request }: InitOrder): void {
  if (model !== undefined && !MODEL_NAME.test(model))
    throw new SlipwayError('USAGE', `${visible(model)} is no name of a model: write --model ${modelNameOf(model)}`)
  if (template !== undefined && SERVING_TEMPLATES.get(template) === undefined) {
    const meant = nearest(template, SERVING_TEMPLATES.names)
    const help = meant === undefined ? `known are ${SERVING_TEMPLATES.names.join(', ')}` : `did you mean ${meant}?`
    throw new SlipwayError('USAGE', `there is no template ${visible(template)}: ${help}`)
  }
  if (request !== undefined && command.length === 0)
    throw new SlipwayError('USAGE', '--try needs a command to try: slipway init --try FILE -- COMMAND')
}
