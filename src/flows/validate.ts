/** `slipway validate`: everything that can be known of slipway.yaml without packing. */
import { resolve } from 'node:path'
import * as z from 'zod/mini'
import { unanswerable } from '../config/answerable.ts'
import { outputOf } from '../config/json-schema.ts'
import { inspectConfig, readConfig } from '../config/load.ts'
import { configError, type Path, type Problem } from '../config/problems.ts'
import type { Config } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import { notesOf } from './validate-notes.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string): S => schema.check(z.meta({ description }))
const texts = z.array(z.string())

export const validatedSchema = outputOf('validated', {
  file: about(z.string(), 'Path, relative to where the command was typed.'),
  model: about(z.string(), 'Name of the model.'),
  environments: about(texts, 'Names of the environments.'),
  sets: about(
    z.array(
      z.strictObject({ name: about(z.string(), 'Name of a set.'), lines: about(z.int(), 'Lines that it holds.') }),
    ),
    'Evaluation sets that can be asked.',
  ),
  notes: about(texts, 'What is allowed and may still surprise, one sentence each.'),
})
export type Validated = Omit<z.output<typeof validatedSchema>, '$schema'>

type Tools = Pick<Files, 'facts' | 'read'>

interface SetsRead {
  readonly sets: Validated['sets']
  readonly problems: readonly Problem[]
  /** The first set that holds a broken line. */
  readonly broken: SlipwayError | null
}

/** Lines of each set that can be read, and what is wrong in the others. */
async function readSets(files: Tools, config: Config): Promise<SetsRead> {
  if (Object.keys(config.evaluation.sets).length === 0) return { sets: [], problems: [], broken: null }
  const { parseSet } = await import('../evidence/sets.ts')
  const sets: { name: string; lines: number }[] = []
  const problems: Problem[] = []
  let broken: SlipwayError | null = null
  for (const [name, set] of Object.entries(config.evaluation.sets)) {
    const path = ['evaluation', 'sets', name, 'path']
    const file = resolve(config.folder, set.path)
    if ((await files.facts(file))?.kind !== 'file') {
      problems.push({ path, message: `is no file: write the set to ${visible(set.path)}, or name another` })
      continue
    }
    try {
      sets.push({ name, lines: parseSet(await files.read(file), set.path, set.evaluator).lines.length })
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.code !== 'SET_INVALID') throw error
      broken ??= error
      problems.push({ path, message: `holds a set that cannot be asked: ${error.message}`, code: 'SET_INVALID' })
    }
  }
  return { sets, problems, broken }
}

/** Gates that nothing can answer, each once although several environments may share it. */
function unanswered(config: Config, has: (path: Path) => boolean): readonly Problem[] {
  const all = Object.values(config.environments).flatMap((environment) => unanswerable(config, environment, has))
  return [...new Map(all.map((problem) => [JSON.stringify(problem), problem])).values()]
}

/** Checks a file. Throws CONFIG_INVALID, GATE_UNANSWERABLE or SET_INVALID with every problem at once. */
export async function validate(files: Tools, cwd: string, explicit?: string): Promise<Validated> {
  const { text, file, shown } = await readConfig(files, cwd, explicit)
  const { config, source, problems: written } = inspectConfig(text, file, shown)
  if (config === null || source === null) throw configError(shown, written, source)
  const { sets, problems: asked, broken } = await readSets(files, config)
  // A gate may lack just what is written wrong: only a sound text is asked for more.
  const gates = written.length === 0 ? unanswered(config, source.has) : []
  const problems = [...written, ...asked, ...gates]
  if (broken !== null && problems.length === 1) throw broken
  if (problems.length > 0) throw configError(shown, problems, source)
  const notes = await notesOf(files, config, sets)
  return { file: shown, model: config.model, environments: Object.keys(config.environments), sets, notes }
}
