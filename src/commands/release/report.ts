import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, ENV } from '../../base-command.ts'
import { FORMATS, type Reported, report } from '../../flows/report.ts'
import { visible } from '../../kit/text.ts'
import { formatCount } from '../../kit/units.ts'

export default class ReleaseReport extends BaseCommand<typeof ReleaseReport, Reported> {
  static override summary =
    'Write the report of a release, also while it runs: HTML, Markdown, JUnit, JSON or an SVG timeline'
  static override examples = [
    '<%= config.bin %> release report',
    '<%= config.bin %> release report digits-2 --format html -o digits-2.html',
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
    format: Flags.option({
      options: FORMATS,
      helpValue: FORMATS.join('|'),
      description: "how (default: by the file's ending, else markdown)",
    })(),
    output: Flags.string({ char: 'o', helpValue: 'FILE', description: 'write it there instead of to stdout' }),
  }
  static override schema = 'report'

  async flow(): Promise<Reported> {
    const project = await this.toolbox.openPast(this.flags.config)
    const { env, format, output } = this.flags
    return report(project, { env, release: this.args.release, format, file: output })
  }

  render({ text, file, bytes, release }: Reported): string {
    return text ?? `report of ${release}: ${visible(file ?? '')}, ${formatCount(bytes)} bytes\n`
  }
}
