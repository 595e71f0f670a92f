import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../../base-command.ts'
import { type Exit, SlipwayError } from '../../errors.ts'
import { type ReleaseEnd, release } from '../../flows/release.ts'
import type { Screen } from '../../kit/screen.ts'
import { parseDuration } from '../../kit/units.ts'
import { releaseEndText } from '../../view/release-end.ts'

export default class ReleaseStart extends BaseCommand<typeof ReleaseStart, ReleaseEnd> {
  static override summary = 'Release a version by shadow and canary, wait for the outcome; its exit code is the outcome'
  static override examples = [
    '<%= config.bin %> release start',
    '<%= config.bin %> release start digits:v2 --detach',
    '<%= config.bin %> release start --waive latency --reason "new hardware"',
  ]
  static override args = {
    ref: Args.string({
      required: false,
      description: 'version; without it, packs what slipway.yaml says',
      helpValue: 'REF',
    }),
  }
  static override flags = {
    env: ENV,
    plan: Flags.string({ helpValue: 'FILE', description: 'hash or file of the plan that must be carried out' }),
    detach: Flags.boolean({ description: 'return once the release is written down and driven' }),
    timeout: Flags.string({
      helpValue: 'DURATION',
      description: 'stop waiting after this long; the release goes on (default: what the plan can take)',
    }),
    report: Flags.string({
      helpValue: 'FILE',
      description: 'write the report there at the end (.html, .md, .xml, .json)',
    }),
    replace: Flags.boolean({ description: 'abort the release that runs, once this one cannot be refused any more' }),
    waive: Flags.string({
      helpValue: 'GATE',
      description: 'compute a gate but let it not decide (or: all); needs --reason',
      dependsOn: ['reason'],
    }),
    'no-baseline': Flags.boolean({
      description: 'compare with nothing: for a baseline that is broken itself; needs --reason',
      dependsOn: ['reason'],
    }),
    reason: Flags.string({ helpValue: 'TEXT', description: 'why; part of the plan' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'release-end'

  async flow(): Promise<ReleaseEnd> {
    const { env, plan, detach, report, replace, waive, reason } = this.flags
    const timeoutMs = this.flags.timeout === undefined ? null : parseDuration(this.flags.timeout)
    if (timeoutMs === undefined) throw new SlipwayError('USAGE', '--timeout takes a duration such as 30m')
    return release(await this.toolbox.open(this.flags.config), this.toolbox, {
      start: {
        env,
        ref: this.args.ref,
        plan,
        replace,
        reason: reason ?? null,
        waive: waive === undefined ? null : { gates: waive === 'all' ? 'all' : [waive], reason: reason ?? '' },
        noBaseline: this.flags['no-baseline'] ? (reason ?? '') : null,
        dryRun: this.flags['dry-run'],
      },
      detach,
      report: report ?? null,
      timeoutMs,
      json: this.flags.json,
    })
  }

  render(result: ReleaseEnd, screen: Screen): string {
    return releaseEndText(result, screen)
  }

  override exitOf(result: ReleaseEnd): Exit {
    return result.exit
  }
}
