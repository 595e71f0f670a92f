import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN } from '../../base-command.ts'
import { train } from '../../flows/train.ts'
import { detachTraining } from '../../flows/train-detach.ts'
import type { TrainingRun } from '../../training/run.ts'
import { runText } from '../../view/train.ts'

export default class TrainRun extends BaseCommand<typeof TrainRun, TrainingRun> {
  static override summary = 'Check the data and train, apart from what serves; the artifact has its lineage'
  static override examples = [
    '<%= config.bin %> train run --pack --tag v2',
    '<%= config.bin %> train run --param hidden=64 --seed 7',
  ]
  static override flags = {
    param: Flags.string({
      helpValue: 'K=V',
      description: 'parameter of the trainer; may be repeated',
      multiple: true,
      default: [],
    }),
    data: Flags.string({ helpValue: 'PATH', description: 'data set instead of training.data.path' }),
    seed: Flags.integer({ helpValue: 'N', description: 'seed of the trainer', default: 1 }),
    pack: Flags.boolean({ description: 'pack what it wrote' }),
    tag: Flags.string({
      helpValue: 'NAME',
      description: 'tag of the packed version (default: the next vN)',
      dependsOn: ['pack'],
    }),
    detach: Flags.boolean({ description: 'return once it runs' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'training-run'

  async flow(): Promise<TrainingRun> {
    const project = await this.toolbox.open(this.flags.config)
    const { param, data, seed, pack, tag, detach } = this.flags
    const { terminal, interrupt } = this.toolbox
    const options = { params: param, data, seed, pack, tag, dryRun: this.flags['dry-run'], signal: interrupt.signal }
    if (detach) return detachTraining(project, options)
    return train(project, {
      ...options,
      started: (run) => terminal.say(`${run.id} trains; slipway train logs ${run.id} --follow`),
    })
  }

  render(run: TrainingRun): string {
    return runText(run)
  }
}
