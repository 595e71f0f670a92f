import { BaseCommand } from '../base-command.ts'

interface VersionResult {
  readonly version: string
  readonly platform: string
  readonly node: string
}

export default class Version extends BaseCommand<typeof Version, VersionResult> {
  static override summary = 'Print the version of slipway and of the Node that runs it'
  static override examples = ['<%= config.bin %> version --json']
  static override schema = 'version'

  async flow(): Promise<VersionResult> {
    const { environment } = this.toolbox
    return {
      version: this.config.version,
      platform: `${environment.platform}-${this.config.arch}`,
      node: environment.node.version,
    }
  }

  render({ version, platform, node }: VersionResult): string {
    return `slipway ${version} ${platform} node-v${node}\n`
  }
}
