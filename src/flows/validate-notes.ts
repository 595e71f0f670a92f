/** What a sound slipway.yaml allows and what may still surprise. */
import { resolve } from 'node:path'
import { SERVING_TEMPLATES } from '../config/templates/index.ts'
import type { Config } from '../config/types.ts'
import { linesNeeded } from '../gates/lines.ts'
import type { Files } from '../io/files.ts'
import { leftOutSentence, parseEnvFile } from '../kit/env-file.ts'
import { visible } from '../kit/text.ts'
import { CODE_ALONE_NOTE, codeAlone } from './no-model.ts'

/** Lines of a set that could be read. */
export interface SetSize {
  readonly name: string
  readonly lines: number
}

/** Sets that the comparison with a baseline could never pass; a first release may still ask them, so this is no refusal. */
function smallSets(config: Config, sets: readonly SetSize[]): readonly string[] {
  const notes = Object.values(config.environments).flatMap(({ release }) =>
    (release.gates ?? []).flatMap((gate) => {
      if (gate.kind !== 'quality' || !('set' in gate.source) || gate.margin === 0) return []
      const { set } = gate.source
      const lines = sets.find(({ name }) => name === set)?.lines
      const needed = linesNeeded(gate.margin, gate.min, release.alpha)
      if (lines === undefined || lines >= needed) return []
      return [
        `set ${set} has ${lines} ${lines === 1 ? 'line' : 'lines'}: with a margin of ${Number((gate.margin * 100).toFixed(3))}pp fewer than ${needed} can never pass against a baseline`,
      ]
    }),
  )
  return [...new Set(notes)]
}

const MOST_ENV_FILE = 2 ** 20
const SECRET = /(token|secret|password|passwd|api_?key|credential)/i

/** Lines of serving.envFile by their numbers: what they hold is secret. */
async function envFileNotes(files: Pick<Files, 'facts' | 'read'>, { serving, folder }: Config): Promise<string[]> {
  if (serving.envFile === null) return []
  const path = resolve(folder, serving.envFile)
  const named = `${visible(serving.envFile)} (serving.envFile)`
  const facts = await files.facts(path)
  if (facts === null) return [`${named} is not there: a server will not start without it`]
  if (facts.kind !== 'file' || facts.size > MOST_ENV_FILE) return [`${named} is no file of KEY=VALUE lines`]
  const leftOut = leftOutSentence(parseEnvFile(new TextDecoder().decode(await files.read(path, MOST_ENV_FILE))))
  return leftOut === null ? [] : [`${named}: ${leftOut}`]
}

/** One sentence each. */
export async function notesOf(
  files: Pick<Files, 'facts' | 'read'>,
  config: Config,
  sets: readonly SetSize[],
): Promise<string[]> {
  const { serving, artifact, folder, training } = config
  const there = async (path: string): Promise<boolean> => (await files.facts(resolve(folder, path))) !== null
  const notes: string[] = []
  if (!(await there(artifact.path)) && codeAlone(config)) notes.push(CODE_ALONE_NOTE)
  else if (!(await there(artifact.path)))
    notes.push(
      `${visible(artifact.path)} (artifact.path) is not there yet: ${training === null ? '`slipway pack` needs it' : '`slipway train run --pack` makes a version'}`,
    )
  notes.push(...(await envFileNotes(files, config)))
  const needed = SERVING_TEMPLATES.get(serving.template)?.files ?? []
  for (const file of needed)
    if (serving.command.includes(file) && !(await there(file)))
      notes.push(`${file} is not there: \`slipway init --template ${serving.template} --force\` writes it`)
  for (const name of Object.keys(serving.env))
    if (SECRET.test(name))
      notes.push(
        `serving.env.${name} becomes part of the version, for all to read: a secret belongs in serving.envFile`,
      )
  if (training?.data && !(await there(training.data.path)))
    notes.push(`${visible(training.data.path)} (training.data.path) is not there yet: \`slipway train run\` needs it`)
  return [...notes, ...smallSets(config, sets)]
}
