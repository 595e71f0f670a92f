import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../../base-command.ts'
import { addLabels, type Labelled } from '../../flows/label.ts'
import { labelledText } from '../../view/labelled.ts'

export default class LabelAdd extends BaseCommand<typeof LabelAdd, Labelled> {
  static override summary = 'Say what the right answer to a request was; the first label of an id counts'
  static override examples = [
    '<%= config.bin %> label add 01a2135d-b6eb-7794-a78a-d2ea252b1e01 7',
    '<%= config.bin %> label add --file labels.csv',
  ]
  static override args = {
    id: Args.string({ required: false, description: 'x-slipway-request-id of the answer', helpValue: 'REQUEST_ID' }),
    value: Args.string({ required: false, description: 'label: JSON if it parses, else a string', helpValue: 'VALUE' }),
  }
  static override flags = {
    file: Flags.string({
      helpValue: 'FILE',
      description: 'JSON lines {"id", "label"} or CSV with the header id,label; - for stdin',
    }),
    env: ENV,
    'dry-run': DRY_RUN,
  }
  static override schema = 'labelled'

  async flow(): Promise<Labelled> {
    const project = await this.toolbox.open(this.flags.config)
    const { id, value } = this.args
    return addLabels(project, {
      id,
      value,
      file: this.flags.file,
      env: this.flags.env,
      dryRun: this.flags['dry-run'],
      stdin: () => this.toolbox.terminal.stdin(),
    })
  }

  render(labelled: Labelled): string {
    return labelledText(labelled)
  }
}
