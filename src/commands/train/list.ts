import { BaseCommand } from '../../base-command.ts'
import { readRuns } from '../../flows/train-runs.ts'
import type { TrainingRun } from '../../training/run.ts'
import { runsText } from '../../view/train.ts'

interface List {
  readonly runs: readonly TrainingRun[]
}

export default class TrainList extends BaseCommand<typeof TrainList, List> {
  static override summary = 'List the training runs of the project'
  static override examples = ['<%= config.bin %> train list']
  static override schema = 'training-runs'

  async flow(): Promise<List> {
    return { runs: await readRuns(await this.toolbox.open(this.flags.config)) }
  }

  render({ runs }: List): string {
    return runsText(runs)
  }
}
