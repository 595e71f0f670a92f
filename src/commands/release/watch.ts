import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, ENV } from '../../base-command.ts'
import { type Exit, SlipwayError } from '../../errors.ts'
import { type ReleaseEnd, watchNamed } from '../../flows/watch.ts'
import type { Screen } from '../../kit/screen.ts'
import { parseDuration } from '../../kit/units.ts'
import { noteLine } from '../../view/note.ts'
import { releaseEndText } from '../../view/release-end.ts'

export default class ReleaseWatch extends BaseCommand<typeof ReleaseWatch, ReleaseEnd> {
  static override summary = 'Watch a release to its end; its exit code is the outcome'
  static override description =
    'On a terminal it is redrawn in place, and keys pause, abort (asking first) or leave; elsewhere it is one line an event. Leaving ends nothing: the release goes on.'
  static override examples = [
    '<%= config.bin %> release watch',
    '<%= config.bin %> release watch digits-2 --report digits-2.html',
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
    report: Flags.string({
      helpValue: 'FILE',
      description: 'write the report there at the end (.html, .md, .xml, .json)',
    }),
    timeout: Flags.string({ helpValue: 'DURATION', description: 'stop watching after this long; the release goes on' }),
  }
  static override schema = 'release-end'

  async flow(): Promise<ReleaseEnd> {
    const timeoutMs = this.flags.timeout === undefined ? null : parseDuration(this.flags.timeout)
    if (timeoutMs === undefined) throw new SlipwayError('USAGE', '--timeout takes a duration such as 30m')
    const project = await this.toolbox.openPast(this.flags.config)
    return watchNamed(project, this.toolbox, {
      env: this.flags.env,
      release: this.args.release,
      report: this.flags.report ?? null,
      timeoutMs,
      json: this.flags.json,
      onNote: (release, note) =>
        this.line({ $schema: 'slipway.dev/note/v1', release, ...note }, noteLine(release, note)),
    })
  }

  render(result: ReleaseEnd, screen: Screen): string {
    return releaseEndText(result, screen)
  }

  override exitOf(result: ReleaseEnd): Exit {
    return result.exit
  }
}
