import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../../base-command.ts'
import { type Asked, personAsks } from '../../flows/person.ts'
import { askedText } from '../../view/asked.ts'

export default class ReleaseAbort extends BaseCommand<typeof ReleaseAbort, Asked> {
  static override summary = 'End a release and take users back to its baseline'
  static override examples = ['<%= config.bin %> release abort']
  static override args = {
    release: Args.string({
      required: false,
      description: 'release (default: the one that runs)',
      helpValue: 'RELEASE',
    }),
  }
  static override flags = {
    env: ENV,
    reason: Flags.string({ helpValue: 'TEXT', description: 'why; kept in the journal' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'asked'

  async flow(): Promise<Asked> {
    const project = await this.toolbox.open(this.flags.config)
    const { env, reason } = this.flags
    const { signal } = this.toolbox.interrupt
    return personAsks(project, 'abort', {
      env,
      reason,
      release: this.args.release,
      dryRun: this.flags['dry-run'],
      signal,
    })
  }

  render(result: Asked): string {
    return askedText(result)
  }
}
