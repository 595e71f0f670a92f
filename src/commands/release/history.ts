import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, ENV } from '../../base-command.ts'
import { history } from '../../flows/history.ts'
import type { Screen } from '../../kit/screen.ts'
import { type History, historyText } from '../../view/history.ts'

export default class ReleaseHistory extends BaseCommand<typeof ReleaseHistory, History> {
  static override summary = 'List the releases of an environment, newest first'
  static override examples = ['<%= config.bin %> release history', '<%= config.bin %> release history --limit 5']
  static override args = {
    release: Args.string({
      required: false,
      description: 'go back from this release (default: the newest)',
      helpValue: 'RELEASE',
    }),
  }
  static override flags = {
    env: ENV,
    limit: Flags.integer({ helpValue: 'N', default: 20, min: 1, description: 'at most so many (default 20)' }),
  }
  static override schema = 'history'

  async flow(): Promise<History> {
    const project = await this.toolbox.openPast(this.flags.config)
    return history(project, { env: this.flags.env, release: this.args.release, limit: this.flags.limit })
  }

  render(found: History, screen: Screen): string {
    return historyText(found, screen)
  }
}
