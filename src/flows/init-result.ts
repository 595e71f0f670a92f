/** What `slipway init` tells; nothing of it is taken from a command line or an environment. */
import * as z from 'zod/mini'
import { outputOf } from '../config/json-schema.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string): S => schema.check(z.meta({ description }))
const texts = z.array(z.string())
const found = z.strictObject({
  port: about(
    z.enum(['{port}', 'PORT', 'fixed']),
    'How the server gets its port: by an argument, by PORT, not at all.',
  ),
  model: about(z.nullable(z.string()), 'The path that the command names as the model.'),
  ready: about(z.nullable(z.string()), 'The path that answers when it is ready.'),
  answer: about(z.nullable(z.string()), 'JSON pointer to the answer.'),
})

export const initializedSchema = outputOf('initialized', {
  model: about(z.string(), 'Name of the model.'),
  template: about(z.string(), 'Template of serving.'),
  written: about(texts, 'Files of the project, relative to it; with --dry-run, those that would be written.'),
  found: about(z.nullable(found), 'What one try of the command showed; null: none was tried.'),
  notes: about(texts, 'What a person should know, one sentence each.'),
  undo: about(z.nullable(z.string()), 'The command that undoes it; null: nothing was written.'),
  dryRun: about(z.boolean(), 'True where nothing was written because of --dry-run.'),
})
export type Initialized = Omit<z.output<typeof initializedSchema>, '$schema'>
export type Found = z.output<typeof found>
