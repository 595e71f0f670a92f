import { resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN } from '../base-command.ts'
import { pack } from '../flows/pack.ts'
import { type PackResult, packResult } from '../flows/pack-result.ts'
import { packedText } from '../view/pack.ts'

export default class Pack extends BaseCommand<typeof Pack, PackResult> {
  static override summary = 'Put model and code into the store as an immutable version'
  static override description =
    'The same files, code and command always give the same digest and tag. Files that could run code when they are loaded are refused; the refusal names the line for slipway.yaml that allows them.'
  static override examples = [
    '<%= config.bin %> pack',
    '<%= config.bin %> pack ./model --tag candidate --parent digits:v1',
    '<%= config.bin %> pack -o ./layout --json',
  ]
  static override args = {
    path: Args.string({
      required: false,
      description: 'file, folder or OCI layout instead of artifact.path',
      helpValue: 'PATH',
    }),
  }
  static override flags = {
    tag: Flags.string({ helpValue: 'NAME', description: 'tag of the version (default: the next vN)' }),
    parent: Flags.string({ helpValue: 'REF', description: 'version that this one was made from' }),
    output: Flags.string({ char: 'o', helpValue: 'DIR', description: 'write an OCI image layout there too' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'packed'

  async flow(): Promise<PackResult> {
    const project = await this.toolbox.open(this.flags.config)
    const { tag, parent, output } = this.flags
    const { cwd } = this.toolbox.environment
    const dryRun = this.flags['dry-run'] === true
    const path = this.args.path === undefined ? undefined : resolve(cwd, this.args.path)
    const out = output === undefined ? undefined : resolve(cwd, output)
    const packed = await pack(project, project.config, { path, tag, parent, out, dryRun })
    return packResult(packed, { dryRun, layout: output ?? null })
  }

  render(packed: PackResult): string {
    return packedText(packed)
  }
}
