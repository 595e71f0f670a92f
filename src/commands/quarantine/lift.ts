import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN } from '../../base-command.ts'
import { type QuarantineDone, quarantineLift } from '../../flows/quarantine.ts'
import { askedText } from '../../view/asked.ts'

export default class QuarantineLift extends BaseCommand<typeof QuarantineLift, QuarantineDone> {
  static override summary = 'Let a quarantined version be released again'
  static override examples = ['<%= config.bin %> quarantine lift digits:v3 --reason "wrong labels in training"']
  static override args = { ref: Args.string({ required: true, description: 'version', helpValue: 'REF' }) }
  static override flags = {
    reason: Flags.string({ helpValue: 'TEXT', description: 'why; kept in the journal', required: true }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'quarantine-done'

  async flow(): Promise<QuarantineDone> {
    const project = await this.toolbox.open(this.flags.config)
    return quarantineLift(project, this.args.ref, this.flags.reason, this.flags['dry-run'])
  }

  render(result: QuarantineDone): string {
    return askedText(result)
  }
}
