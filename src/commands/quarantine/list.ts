import { BaseCommand } from '../../base-command.ts'
import { quarantineList } from '../../flows/quarantine.ts'
import { visible } from '../../kit/text.ts'
import { isoTime } from '../../kit/when.ts'
import type { Quarantined } from '../../record/fold.ts'

interface List {
  readonly quarantined: readonly Quarantined[]
}

export default class QuarantineList extends BaseCommand<typeof QuarantineList, List> {
  static override summary = 'List the versions that are refused everywhere'
  static override examples = ['<%= config.bin %> quarantine list']
  static override schema = 'quarantine'

  async flow(): Promise<List> {
    return { quarantined: quarantineList(await this.toolbox.open(this.flags.config)) }
  }

  render({ quarantined }: List): string {
    if (quarantined.length === 0) return 'no version is quarantined\n'
    return quarantined
      .map((q) => `${q.tag ?? '-'}  ${q.digest}  ${isoTime(q.at)}  ${visible(q.by)}  ${visible(q.reason)}\n`)
      .join('')
  }
}
