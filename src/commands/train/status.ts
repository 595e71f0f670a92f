import * as Args from '@oclif/core/args'
import { BaseCommand } from '../../base-command.ts'
import { readRun } from '../../flows/train-runs.ts'
import type { TrainingRun } from '../../training/run.ts'
import { runText } from '../../view/train.ts'

export default class TrainStatus extends BaseCommand<typeof TrainStatus, TrainingRun> {
  static override summary = 'Show a training run: data, parameters, metrics, what it became'
  static override examples = ['<%= config.bin %> train status run-0001']
  static override args = { run: Args.string({ required: true, description: 'training run', helpValue: 'RUN' }) }
  static override schema = 'training-run'

  async flow(): Promise<TrainingRun> {
    return readRun(await this.toolbox.open(this.flags.config), this.args.run)
  }

  render(run: TrainingRun): string {
    return runText(run)
  }
}
