import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, ENV } from '../../base-command.ts'
import { logs } from '../../flows/logs.ts'
import { visible } from '../../kit/text.ts'

export default class LocalLogs extends BaseCommand<typeof LocalLogs, null> {
  static override summary = 'Show the log of a version, of the host or of the data plane'
  static override examples = ['<%= config.bin %> local logs host', '<%= config.bin %> local logs digits:v2 --tail 20']
  static override args = {
    of: Args.string({
      required: false,
      description: 'version, host or data-plane (default: all servers)',
      helpValue: 'REF',
    }),
  }
  static override flags = {
    env: ENV,
    follow: Flags.boolean({ description: 'go on with what is added' }),
    tail: Flags.integer({ helpValue: 'N', description: 'so many of the last lines', default: 100, min: 0 }),
  }
  static override schema = 'log-line'

  async flow(): Promise<null> {
    const project = await this.toolbox.openPast(this.flags.config)
    const { env, tail, follow } = this.flags
    const { signal } = this.toolbox.interrupt
    await logs(project, {
      env,
      of: this.args.of,
      tail,
      follow,
      signal,
      line: (log, text) => this.line({ log, text }, visible(text)),
    })
    return null
  }

  render(): string {
    return ''
  }
}
