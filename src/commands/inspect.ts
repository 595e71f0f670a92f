import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../base-command.ts'
import { inspect } from '../flows/inspect.ts'
import type { Inspected } from '../model/inspected.ts'
import { inspectText } from '../view/inspect.ts'

export default class Inspect extends BaseCommand<typeof Inspect, Inspected> {
  static override summary = 'Show what a version, a folder, a file or an OCI layout is made of, without loading it'
  static override examples = [
    '<%= config.bin %> inspect digits:v1',
    '<%= config.bin %> inspect ./model --tensors',
    '<%= config.bin %> inspect digits:v1 --files --json',
  ]
  static override args = {
    ref: Args.string({ required: true, description: 'MODEL:TAG, digest or path', helpValue: 'REF' }),
  }
  static override flags = {
    files: Flags.boolean({ description: 'list every file' }),
    tensors: Flags.boolean({ description: 'list every tensor' }),
  }
  static override schema = 'inspected'

  async flow(): Promise<Inspected> {
    const project = await this.toolbox.open(this.flags.config)
    const { files, tensors } = this.flags
    const { cwd } = this.toolbox.environment
    return inspect(project, project.config, {
      ref: this.args.ref,
      cwd,
      files: files === true,
      tensors: tensors === true,
    })
  }

  render(found: Inspected): string {
    return inspectText(found)
  }
}
