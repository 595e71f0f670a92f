import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../../base-command.ts'
import { down, type LocalDone } from '../../flows/local.ts'
import { askedText } from '../../view/asked.ts'

export default class LocalDown extends BaseCommand<typeof LocalDown, LocalDone> {
  static override summary = 'End servers, data plane and host; nothing is left running'
  static override examples = ['<%= config.bin %> local down']
  static override flags = {
    env: ENV,
    force: Flags.boolean({ description: 'also while a release runs; it stands still until local up' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'local-done'

  async flow(): Promise<LocalDone> {
    const project = await this.toolbox.openPast(this.flags.config)
    const { signal } = this.toolbox.interrupt
    return down(project, { env: this.flags.env, force: this.flags.force, dryRun: this.flags['dry-run'], signal })
  }

  render(result: LocalDone): string {
    return askedText(result)
  }
}
