import * as Args from '@oclif/core/args'
import { BaseCommand, DRY_RUN } from '../../base-command.ts'
import { type Cancelled, cancelRun } from '../../flows/train-runs.ts'
import { askedText } from '../../view/asked.ts'

export default class TrainCancel extends BaseCommand<typeof TrainCancel, Cancelled> {
  static override summary = 'End a training run with everything it started'
  static override examples = ['<%= config.bin %> train cancel run-0001']
  static override args = { run: Args.string({ required: true, description: 'training run', helpValue: 'RUN' }) }
  static override flags = { 'dry-run': DRY_RUN }
  static override schema = 'cancelled'

  async flow(): Promise<Cancelled> {
    return cancelRun(await this.toolbox.open(this.flags.config), this.args.run, this.flags['dry-run'])
  }

  render({ text, undo }: Cancelled): string {
    return askedText({ text, undo })
  }
}
