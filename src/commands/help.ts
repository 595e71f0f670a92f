import * as Args from '@oclif/core/args'
import { BaseCommand } from '../base-command.ts'
import type { Screen } from '../kit/screen.ts'
import { type HelpPage, helpPage, helpText } from '../view/help.ts'

export default class Help extends BaseCommand<typeof Help, HelpPage> {
  static override summary = 'Show the commands, one command, or a topic such as exit-codes'
  static override examples = ['<%= config.bin %> help release start', '<%= config.bin %> help exit-codes']
  static override args = {
    first: Args.string({ description: 'command or topic' }),
    second: Args.string({ description: 'its subcommand' }),
    third: Args.string({ hidden: true }),
  }
  static override schema = 'help'

  async flow(): Promise<HelpPage> {
    const words = [this.args.first, this.args.second, this.args.third].filter((word) => word !== undefined)
    return helpPage(this.config, words)
  }

  render(page: HelpPage, screen: Screen): string {
    return helpText(page, this.config, screen)
  }
}
