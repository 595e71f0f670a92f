import * as Args from '@oclif/core/args'
import { BaseCommand } from '../base-command.ts'
import { type Validated, validate } from '../flows/validate.ts'
import { formatCount } from '../kit/units.ts'

export default class Validate extends BaseCommand<typeof Validate, Validated> {
  static override summary = 'Check slipway.yaml and its evaluation sets, all problems at once'
  static override examples = ['<%= config.bin %> validate', '<%= config.bin %> validate staging/slipway.yaml --json']
  static override args = {
    file: Args.string({ required: false, description: 'file to check instead of slipway.yaml', helpValue: 'FILE' }),
  }
  static override schema = 'validated'

  flow(): Promise<Validated> {
    return validate(this.toolbox.files, this.toolbox.environment.cwd, this.args.file ?? this.flags.config)
  }

  render({ file, model, environments, sets, notes }: Validated): string {
    const lines = [`${file} is valid: model ${model}, environments ${environments.join(', ')}`]
    for (const set of sets)
      lines.push(`set ${set.name}: ${formatCount(set.lines)} ${set.lines === 1 ? 'line' : 'lines'}`)
    for (const note of notes) lines.push(`note: ${note}`)
    return `${lines.join('\n')}\n`
  }
}
