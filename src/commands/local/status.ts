import { BaseCommand } from '../../base-command.ts'
import { localStatus, type LocalStatus as Status } from '../../flows/local-status.ts'
import { localStatusText } from '../../view/local-status.ts'

export default class LocalStatus extends BaseCommand<typeof LocalStatus, Status> {
  static override summary = 'Show what runs on this machine, where it listens and how limits are kept'
  static override examples = ['<%= config.bin %> local status']
  static override schema = 'local-status'

  async flow(): Promise<Status> {
    return localStatus(await this.toolbox.openPast(this.flags.config))
  }

  render(result: Status): string {
    return localStatusText(result)
  }
}
