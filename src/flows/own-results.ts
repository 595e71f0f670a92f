/** What slipway says about itself with --json: version, help, completion. Loaded by `slipway schema` alone. */
import * as z from 'zod/mini'
import { outputOf } from '../config/json-schema.ts'
import { SHELLS } from '../view/completion.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string): S => schema.check(z.meta({ description }))
const text = (description: string) => about(z.string(), description)

export const versionSchema = outputOf('version', {
  version: text('Version of slipway.'),
  platform: text('Operating system and processor, such as linux-x64.'),
  node: text('Version of the Node that runs it.'),
})

export const completionSchema = outputOf('completion', {
  shell: about(z.enum([...SHELLS]), 'The shell that it is for.'),
  script: text('What the shell sources.'),
})

const line = z.strictObject({
  command: text('Words of the command, without `slipway`.'),
  summary: text('What it does, in one line.'),
})
const page = <P extends string>(name: P) => about(z.literal(name), 'Which page this is.')
const id = { $schema: z.literal('slipway.dev/help/v1') }

export const helpSchema = z.discriminatedUnion('page', [
  z.strictObject({ ...id, page: page('commands'), commands: z.array(line) }),
  z.strictObject({
    ...id,
    page: page('topic'),
    topic: text('First words of its commands.'),
    summary: text('What it is about.'),
    commands: z.array(line),
  }),
  z.strictObject({
    ...id,
    page: page('command'),
    ...line.shape,
    args: z.array(
      z.strictObject({
        name: text('Name of the argument.'),
        required: about(z.boolean(), 'True where it cannot be left out.'),
        summary: text('What it is.'),
      }),
    ),
    flags: z.array(
      z.strictObject({
        name: text('The flag, with its dashes.'),
        value: about(z.nullable(z.string()), 'What stands for its value; null: it takes none.'),
        summary: text('What it does.'),
      }),
    ),
    examples: about(z.array(z.string()), 'Whole command lines.'),
  }),
  z.strictObject({
    ...id,
    page: page('exit-codes'),
    exits: z.array(
      z.strictObject({ exit: about(z.int().check(z.gte(0)), 'Exit code.'), meaning: text('What it says.') }),
    ),
  }),
])
