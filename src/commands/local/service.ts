import { BaseCommand } from '../../base-command.ts'
import { type ServiceUnit, serviceUnit } from '../../flows/unit.ts'

export default class LocalService extends BaseCommand<typeof LocalService, ServiceUnit> {
  static override summary = 'Print a systemd or launchd unit that brings the project up after a reboot'
  static override examples = ['<%= config.bin %> local service']
  static override schema = 'unit'

  async flow(): Promise<ServiceUnit> {
    const project = await this.toolbox.open(this.flags.config)
    return serviceUnit(project, this.toolbox.environment)
  }

  render(unit: ServiceUnit): string {
    this.toolbox.terminal.say(unit.install)
    return unit.text
  }
}
