/** What there is to pack where the model is not there. */
import { basename, resolve } from 'node:path'
import type { Config } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import { modelIn } from './init-guess.ts'

/** Weights may lie in the code, which is the version then: nobody named a model, and the command asks for none. */
export const codeAlone = ({ artifact, serving, training }: Config): boolean =>
  artifact.assumed === true &&
  training === null &&
  ![...serving.command, ...serving.prepare.flat()].some((word) => word.includes('{model}'))

export const CODE_ALONE_NOTE =
  'a version is its code alone: slipway.yaml names no model, and there is no ./model; weights in files need `artifact: {path: …}`'

/** A version with nothing in it. */
export const emptyVersion = (): SlipwayError =>
  new SlipwayError(
    'MODEL_EMPTY',
    'there is neither a model nor code to pack: write `artifact: {path: ./FILE}` for the model, or `artifact: {code: [./FILE]}` for the code',
    { where: [{ file: 'slipway.yaml', pointer: '/artifact' }], next: ['slipway validate'] },
  )

/** Names the line to write, with the model file that is seen in the project. */
export async function missingModel(files: Files, config: Config, start: string): Promise<SlipwayError> {
  const { artifact, folder, training } = config
  const next = training === null ? ['slipway validate'] : ['slipway train run --pack', 'slipway validate']
  if (artifact.assumed !== true || start !== resolve(folder, artifact.path))
    return new SlipwayError('FILE_UNREADABLE', `the model ${visible(start)} does not exist; artifact.path names it`, {
      where: [{ file: start }],
      next,
    })
  const seen = await modelIn(files, folder)
  return new SlipwayError(
    'FILE_UNREADABLE',
    `there is no folder ${visible(basename(start))} and slipway.yaml names no model: write the line \`artifact: {path: ${visible(seen ?? './FILE')}}\``,
    { where: [{ file: 'slipway.yaml', pointer: '/artifact/path' }], next },
  )
}
