import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../../base-command.ts'
import { type LocalDone, up } from '../../flows/local.ts'
import { askedText } from '../../view/asked.ts'

export default class LocalUp extends BaseCommand<typeof LocalUp, LocalDone> {
  static override summary = 'Start the host, the data plane and what served before'
  static override examples = ['<%= config.bin %> local up', '<%= config.bin %> local up --foreground']
  static override flags = {
    env: ENV,
    foreground: Flags.boolean({ description: 'stay, and bring it down on Ctrl-C; for a service manager' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'local-done'

  async flow(): Promise<LocalDone> {
    const project = await this.toolbox.openPast(this.flags.config)
    const { signal } = this.toolbox.interrupt
    return up(project, {
      env: this.flags.env,
      dryRun: this.flags['dry-run'],
      foreground: this.flags.foreground,
      signal,
      say: (line) => this.toolbox.terminal.say(line),
    })
  }

  render(result: LocalDone): string {
    return askedText(result)
  }
}
