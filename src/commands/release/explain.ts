import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, ENV } from '../../base-command.ts'
import { explain } from '../../flows/explain.ts'
import type { Screen } from '../../kit/screen.ts'
import { type Explained, explainText } from '../../view/explain.ts'

export default class ReleaseExplain extends BaseCommand<typeof ReleaseExplain, Explained> {
  static override summary = 'Explain in words why a release stands where it stands, gate by gate, with the numbers'
  static override examples = [
    '<%= config.bin %> release explain',
    '<%= config.bin %> release explain digits-2 --gate quality',
  ]
  static override args = {
    release: Args.string({
      required: false,
      description: 'release (default: the one that runs, else the last)',
      helpValue: 'RELEASE',
    }),
  }
  static override flags = {
    env: ENV,
    gate: Flags.string({ helpValue: 'GATE', description: 'explain this gate alone' }),
  }
  static override schema = 'explain'

  async flow(): Promise<Explained> {
    const project = await this.toolbox.openPast(this.flags.config)
    return explain(project, { env: this.flags.env, release: this.args.release, gate: this.flags.gate })
  }

  render(explained: Explained, screen: Screen): string {
    return explainText(explained, screen, this.flags.env)
  }
}
