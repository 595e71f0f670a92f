/** What a sound slipway.yaml allows and what may still surprise. */
import { resolve } from 'node:path'
import { SERVING_TEMPLATES } from '../config/templates/index.ts'
import type { Config } from '../config/types.ts'
import { linesNeeded } from '../gates/lines.ts'
import type { Files } from '../io/files.ts'
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

const SECRET = /(token|secret|password|passwd|api_?key|credential)/i

/** One sentence each. */
export async function notesOf(
  files: Pick<Files, 'facts'>,
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
  if (serving.envFile !== null && !(await there(serving.envFile)))
    notes.push(`${visible(serving.envFile)} (serving.envFile) is not there: a server will not start without it`)
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
