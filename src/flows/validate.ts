/** `slipway validate`: everything that can be known of slipway.yaml without packing. */
import { resolve } from 'node:path'
import { unanswerable } from '../config/answerable.ts'
import { type LoadedConfig, loadConfigSource } from '../config/load.ts'
import { configError, type Problem } from '../config/problems.ts'
import { SERVING_TEMPLATES } from '../config/templates/index.ts'
import type { Config } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'

export interface Validated {
  /** Relative to where the command was typed. */
  readonly file: string
  readonly model: string
  readonly environments: readonly string[]
  readonly sets: readonly { readonly name: string; readonly lines: number }[]
  /** What is allowed and may still surprise, one sentence each. */
  readonly notes: readonly string[]
}

type Tools = Pick<Files, 'facts' | 'read'>

/** Lines of each set that can be read; what is wrong in the others becomes problems. */
async function readSets(files: Tools, { config }: LoadedConfig, problems: Problem[]): Promise<Validated['sets']> {
  const { parseSet } = await import('../evidence/sets.ts')
  const read: { name: string; lines: number }[] = []
  for (const [name, set] of Object.entries(config.evaluation.sets)) {
    const path = ['evaluation', 'sets', name, 'path']
    const file = resolve(config.folder, set.path)
    if ((await files.facts(file))?.kind !== 'file') {
      problems.push({ path, message: `is no file: write the set to ${visible(set.path)}, or name another` })
      continue
    }
    try {
      read.push({ name, lines: parseSet(await files.read(file), set.path, set.evaluator).lines.length })
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.code !== 'SET_INVALID') throw error
      problems.push({ path, message: `holds a set that cannot be asked: ${error.message}` })
    }
  }
  return read
}

const SECRET = /(token|secret|password|passwd|api_?key|credential)/i

async function notesOf(files: Tools, config: Config): Promise<readonly string[]> {
  const { serving, artifact, folder, training } = config
  const there = async (path: string): Promise<boolean> => (await files.facts(resolve(folder, path))) !== null
  const notes: string[] = []
  if (!(await there(artifact.path)))
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
  return notes
}

/** Checks a file. Throws CONFIG_INVALID or GATE_UNANSWERABLE with every problem at once. */
export async function validate(files: Tools, cwd: string, explicit?: string): Promise<Validated> {
  const loaded = await loadConfigSource(files, cwd, explicit)
  const { config, source, shown } = loaded
  const problems: Problem[] = []
  const sets = await readSets(files, loaded, problems)
  for (const environment of Object.values(config.environments))
    for (const problem of unanswerable(config, environment, source.has))
      if (!problems.some((known) => JSON.stringify(known) === JSON.stringify(problem))) problems.push(problem)
  if (problems.length > 0) throw configError(shown, problems, source)
  const notes = await notesOf(files, config)
  return { file: shown, model: config.model, environments: Object.keys(config.environments), sets, notes }
}
