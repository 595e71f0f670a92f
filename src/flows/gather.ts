/** What belongs to a version, found and judged, before anything is packed. */
import { resolve } from 'node:path'
import type { Config, ServingConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { Files, Found } from '../io/files.ts'
import type { Git } from '../io/git.ts'
import { visible } from '../kit/text.ts'
import type { ModelFile } from '../model/bytes.ts'
import { type Examined, examine } from '../model/examine.ts'
import type { ServingSpec } from '../model/types.ts'
import { codeFiles } from './code.ts'
import { CODE_ALONE_NOTE, codeAlone, emptyVersion, missingModel } from './no-model.ts'

/** The files of a version before they are packed. */
export interface Gathered {
  readonly models: readonly Found[]
  readonly app: readonly Found[]
  readonly examined: Examined
  /** Where {model} is a file and not the folder: its name; else "". */
  readonly modelPath: string
  readonly serving: ServingSpec
}

const modelFile = (files: Files, { path, size, file }: Found): ModelFile => ({
  path,
  size,
  use: async (work) => {
    const open = await files.open(file)
    try {
      return await work(open)
    } finally {
      await open.close()
    }
  },
})

/** The part of `serving` that the digest holds. */
const servingSpec = (serving: ServingConfig): ServingSpec => ({
  command: serving.command,
  template: serving.template,
  params: serving.params,
  env: serving.env,
  prepare: serving.prepare,
  readyPath: serving.ready.path,
  requests: serving.requests ?? [],
  answer: serving.answer,
})

/** Finds and judges the files. `start`: absolute path of the model. */
export async function gather(
  { files, git }: { readonly files: Files; readonly git: Git },
  config: Config,
  start: string,
): Promise<Gathered> {
  const { artifact, serving, folder } = config
  const facts = await files.facts(start)
  const bare = facts === null && codeAlone(config) && start === resolve(folder, artifact.path)
  if (facts === null && !bare) throw await missingModel(files, config, start)
  const models = bare ? [] : await files.walk(start, artifact)
  if (models.length === 0 && !bare)
    throw new SlipwayError('MODEL_EMPTY', `${visible(start)} holds no file that belongs to the model`, {
      where: [{ file: start }],
    })
  const app = await codeFiles(files, git, { ...artifact, ...serving, folder, artifact: start })
  if (bare && app.length === 0) throw emptyVersion()
  const source = (found: Found) => modelFile(files, found)
  const seen = await examine(models.map(source), app.map(source), artifact.allow)
  const examined = bare ? { ...seen, notes: [CODE_ALONE_NOTE, ...seen.notes] } : seen
  const modelPath = facts?.kind === 'file' ? models[0]!.path : ''
  return { models, app, examined, modelPath, serving: servingSpec(serving) }
}
