import * as Args from '@oclif/core/args'
import { BaseCommand, ENV } from '../../base-command.ts'
import { viewOfRelease } from '../../flows/report.ts'
import type { Screen } from '../../kit/screen.ts'
import type { ReleaseView } from '../../record/types.ts'
import { statusText } from '../../view/status.ts'

export default class ReleaseStatus extends BaseCommand<typeof ReleaseStatus, ReleaseView> {
  static override summary = 'Show where a release stands: state, weight, gates, and what comes next'
  static override examples = ['<%= config.bin %> release status', '<%= config.bin %> release status digits-2 --json']
  static override args = {
    release: Args.string({
      required: false,
      description: 'release (default: the one that runs, else the last)',
      helpValue: 'RELEASE',
    }),
  }
  static override flags = { env: ENV }
  static override schema = 'release'

  async flow(): Promise<ReleaseView> {
    const project = await this.toolbox.openPast(this.flags.config)
    return viewOfRelease(project, { env: this.flags.env, release: this.args.release })
  }

  render(view: ReleaseView, screen: Screen): string {
    return statusText(view, screen)
  }
}
