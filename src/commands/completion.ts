import * as Args from '@oclif/core/args'
import { BaseCommand } from '../base-command.ts'
import { completionScript, SHELLS, type Shell } from '../view/completion.ts'

interface CompletionResult {
  readonly shell: Shell
  readonly script: string
}

export default class Completion extends BaseCommand<typeof Completion, CompletionResult> {
  static override summary = 'Print the completion script of a shell'
  static override description =
    'It completes commands, flags and the names of models, versions and releases of the project you stand in.'
  static override examples = ['<%= config.bin %> completion bash', '<%= config.bin %> completion fish']
  static override args = {
    shell: Args.string({ required: true, options: [...SHELLS], description: 'shell to print it for' }),
  }
  static override schema = 'completion'

  async flow(): Promise<CompletionResult> {
    const shell = SHELLS.find((known) => known === this.args.shell)!
    return { shell, script: completionScript(shell) }
  }

  render({ script }: CompletionResult): string {
    return script
  }
}
