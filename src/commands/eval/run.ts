import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../../base-command.ts'
import type { Exit } from '../../errors.ts'
import { evalRun } from '../../flows/eval.ts'
import type { Evaluated } from '../../flows/eval-result.ts'
import type { Screen } from '../../kit/screen.ts'
import { evaluatedText } from '../../view/eval.ts'

/** Longer than servers may take to stop. */
const STOP_GRACE_MS = 15_000

export default class EvalRun extends BaseCommand<typeof EvalRun, Evaluated> {
  static override summary = 'Ask a version the lines of an evaluation set, apart from users, and judge the answers'
  static override examples = [
    '<%= config.bin %> eval run',
    '<%= config.bin %> eval run --set golden --baseline digits:v1 --report eval.md',
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
    set: Flags.string({ helpValue: 'NAME', description: 'evaluation set (default: all of slipway.yaml)' }),
    baseline: Flags.string({ helpValue: 'REF', description: 'version to compare with' }),
    limit: Flags.integer({ helpValue: 'N', description: 'only so many of the first lines', min: 1 }),
    report: Flags.string({ helpValue: 'FILE', description: 'write the result there too (.json or .md)' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'eval'

  async flow(): Promise<Evaluated> {
    const project = await this.toolbox.open(this.flags.config)
    const { env, set, baseline, limit, report } = this.flags
    const { terminal, interrupt } = this.toolbox
    interrupt.graceMs = STOP_GRACE_MS
    return evalRun(project, {
      env,
      ref: this.args.ref,
      set,
      baseline,
      limit,
      report,
      dryRun: this.flags['dry-run'],
      signal: interrupt.signal,
      say: (line) => terminal.say(line),
    })
  }

  render(result: Evaluated, screen: Screen): string {
    return evaluatedText(result, screen)
  }

  override exitOf(result: Evaluated): Exit {
    return result.exit as Exit
  }
}
