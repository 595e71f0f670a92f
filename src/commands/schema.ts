import * as Args from '@oclif/core/args'
import { BaseCommand } from '../base-command.ts'
import { type SchemaNames, schemaNamed, schemaNames } from '../flows/schema.ts'

type SchemaResult = SchemaNames | Readonly<Record<string, unknown>>

export default class Schema extends BaseCommand<typeof Schema, SchemaResult> {
  static override summary = 'Print the JSON Schema of slipway.yaml or of what a command prints'
  static override description =
    'Without a name it lists the names. With one, the output is JSON with and without --json.'
  static override examples = ['<%= config.bin %> schema', '<%= config.bin %> schema config']
  static override args = {
    name: Args.string({ required: false, description: 'name of the schema; config: slipway.yaml' }),
  }
  static override schema = 'schema'

  async flow(): Promise<SchemaResult> {
    return this.args.name === undefined ? schemaNames() : schemaNamed(this.args.name)
  }

  render(result: SchemaResult): string {
    if (this.args.name !== undefined) return `${JSON.stringify(result, null, 2)}\n`
    const { schemas } = result as SchemaNames
    const width = Math.max(...schemas.map(({ name }) => name.length))
    return schemas.map(({ name, about }) => `${name.padEnd(width)}  ${about}\n`).join('')
  }
}
