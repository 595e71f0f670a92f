import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../base-command.ts'
import { trainLogs } from '../../flows/logs.ts'
import { visible } from '../../kit/text.ts'

export default class TrainLogs extends BaseCommand<typeof TrainLogs, null> {
  static override summary = 'Show what a trainer printed'
  static override examples = ['<%= config.bin %> train logs run-0001 --tail 5']
  static override args = { run: Args.string({ required: true, description: 'training run', helpValue: 'RUN' }) }
  static override flags = {
    follow: Flags.boolean({ description: 'go on with what is added' }),
    tail: Flags.integer({ helpValue: 'N', description: 'so many of the last lines', default: 100, min: 0 }),
  }
  static override schema = 'log-line'

  async flow(): Promise<null> {
    const project = await this.toolbox.open(this.flags.config)
    const { tail, follow } = this.flags
    const { signal } = this.toolbox.interrupt
    await trainLogs(project, this.args.run, {
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
