import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../base-command.ts'
import { ERRORS, type Exit } from '../errors.ts'
import { plan } from '../flows/plan.ts'
import type { Screen } from '../kit/screen.ts'
import { type Planned, planText } from '../view/plan.ts'

export default class Plan extends BaseCommand<typeof Plan, Planned> {
  static override summary = 'Show what a release would do, and how long a verdict takes at the traffic seen'
  static override description =
    'Changes nothing that is served. The plan is kept under its hash, so that `release start --plan HASH` starts exactly it.'
  static override examples = ['<%= config.bin %> plan', '<%= config.bin %> plan digits:v2 -o plan.json']
  static override args = {
    ref: Args.string({
      required: false,
      description: 'version; without it, what slipway.yaml says',
      helpValue: 'REF',
    }),
  }
  static override flags = {
    env: ENV,
    output: Flags.string({ char: 'o', helpValue: 'FILE', description: 'write the plan there too, as JSON' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'planned'

  async flow(): Promise<Planned> {
    const project = await this.toolbox.open(this.flags.config)
    const { env, output, 'dry-run': dryRun } = this.flags
    return plan(project, { env, ref: this.args.ref, file: output, dryRun })
  }

  render(planned: Planned, screen: Screen): string {
    return planText(planned, screen)
  }

  override exitOf({ refused }: Planned): Exit {
    return refused[0] ? ERRORS[refused[0].code].exit : 0
  }
}
