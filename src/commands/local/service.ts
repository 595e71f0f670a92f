import { BaseCommand } from '../../base-command.ts'
import { type BootUnit, bootUnit } from '../../flows/unit.ts'

export default class LocalService extends BaseCommand<typeof LocalService, BootUnit> {
  static override summary = 'Print a systemd or launchd unit that brings the project up after a reboot'
  static override examples = ['<%= config.bin %> local service']
  static override schema = 'unit'

  async flow(): Promise<BootUnit> {
    const project = await this.toolbox.open(this.flags.config)
    return bootUnit(project, this.toolbox.environment)
  }

  render(unit: BootUnit): string {
    this.toolbox.terminal.say(unit.install)
    return unit.text
  }
}
