import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN } from '../../base-command.ts'
import { type PruneDone, prune } from '../../flows/prune.ts'
import { formatCount, formatSize } from '../../kit/units.ts'

export default class LocalPrune extends BaseCommand<typeof LocalPrune, PruneDone> {
  static override summary = 'Remove what no release, rollback or tag needs'
  static override examples = ['<%= config.bin %> local prune --keep 3 --dry-run']
  static override flags = {
    keep: Flags.integer({ helpValue: 'N', description: 'newest tags of the model that stay', default: 3, min: 0 }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'pruned'

  async flow(): Promise<PruneDone> {
    return prune(await this.toolbox.open(this.flags.config), this.flags.keep, this.flags['dry-run'])
  }

  render({ versions, files, bytes, releases, dryRun }: PruneDone): string {
    const old = releases.length === 0 ? '' : `, what was seen of ${formatCount(releases.length)} old releases`
    return `${dryRun ? 'would remove' : 'removed'} ${formatCount(versions.length)} versions, ${formatCount(files)} files, ${formatSize(bytes)}${old}\n`
  }
}
