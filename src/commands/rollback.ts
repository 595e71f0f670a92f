import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../base-command.ts'
import { SlipwayError } from '../errors.ts'
import type { Asked } from '../flows/person.ts'
import { rollback } from '../flows/rollback.ts'
import { parseDuration } from '../kit/units.ts'
import { askedText } from '../view/asked.ts'

export default class Rollback extends BaseCommand<typeof Rollback, Asked> {
  static override summary =
    'Take users back: to the baseline of the release that runs, or to the version that served before'
  static override examples = [
    '<%= config.bin %> rollback',
    '<%= config.bin %> rollback --to digits:v1 --reason "complaints" --quarantine',
  ]
  static override args = {
    model: Args.string({ required: false, description: 'model (default: that of slipway.yaml)', helpValue: 'MODEL' }),
  }
  static override flags = {
    env: ENV,
    to: Flags.string({ helpValue: 'REF', description: 'version to go to instead' }),
    reason: Flags.string({ helpValue: 'TEXT', description: 'why; kept in the journal' }),
    quarantine: Flags.boolean({ description: 'refuse the version that is left from now on' }),
    timeout: Flags.string({
      helpValue: 'DURATION',
      description: 'stop waiting after this long; it goes on',
      default: '10m',
    }),
    detach: Flags.boolean({ description: 'return once it is written down' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'asked'

  async flow(): Promise<Asked> {
    const project = await this.toolbox.openPast(this.flags.config)
    const { env, to, reason, quarantine, detach, timeout } = this.flags
    const timeoutMs = parseDuration(timeout)
    if (timeoutMs === undefined) throw new SlipwayError('USAGE', '--timeout takes a duration such as 10m')
    const { signal } = this.toolbox.interrupt
    const say = (line: string) => this.toolbox.terminal.say(line)
    return rollback(project, {
      env,
      model: this.args.model,
      to,
      reason,
      quarantine,
      detach,
      timeoutMs,
      dryRun: this.flags['dry-run'],
      signal,
      say,
    })
  }

  render(result: Asked): string {
    return askedText(result)
  }
}
