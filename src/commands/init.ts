import { join, resolve } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN } from '../base-command.ts'
import { init } from '../flows/init.ts'
import type { Initialized } from '../flows/init-result.ts'

export default class Init extends BaseCommand<typeof Init, Initialized> {
  static override summary = 'Write a slipway.yaml for a folder'
  static override description =
    'With a command after --, starts it once, finds its port, model path and ready path, stops it, and writes what it found. It asks nothing and replaces nothing without --force.'
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init digits --template llamacpp',
    '<%= config.bin %> init --try request.json -- node server.mjs --port 5000 --model ./model',
  ]
  static override args = {
    dir: Args.string({ required: false, description: 'folder of the project (default: here)', helpValue: 'DIR' }),
  }
  static override flags = {
    model: Flags.string({ helpValue: 'NAME', description: 'name of the model (default: that of the folder)' }),
    template: Flags.string({ helpValue: 'NAME', description: 'custom, llamacpp or node-classifier' }),
    try: Flags.string({
      helpValue: 'FILE',
      description: 'one request for the command, as JSON or a file with it (a line of a set): finds the answer pointer',
    }),
    force: Flags.boolean({ description: 'replace slipway.yaml; the former stays as slipway.yaml.before' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'initialized'
  static override rest = true

  async flow(): Promise<Initialized> {
    const { files, environment, terminal } = this.toolbox
    const { model, template, try: request } = this.flags
    const force = this.flags.force === true
    const dryRun = this.flags['dry-run'] === true
    const folder = resolve(environment.cwd, this.args.dir ?? '.')
    const tools = { files, templates: join(this.config.root, 'templates'), trying: () => this.toolbox.trying() }
    const order = { cwd: environment.cwd, folder, model, template, force, dryRun, command: this.rest, request }
    const { result, text } = await init(tools, order)
    if (dryRun) terminal.say(text)
    return result
  }

  render({ model, template, written, found, notes, undo, dryRun }: Initialized): string {
    const did = dryRun ? 'would write' : 'wrote'
    const lines = [
      written.length === 0
        ? `nothing to write: slipway.yaml says this already (model ${model})`
        : `${did} ${written.join(', ')}: model ${model}, template ${template}`,
    ]
    if (found !== null)
      lines.push(
        `found: port ${found.port === 'fixed' ? 'fixed' : `by ${found.port}`}, model ${found.model ?? 'not named'}, ready at ${found.ready ?? 'no path'}, answer at ${found.answer ?? 'no pointer'}`,
      )
    for (const note of notes) lines.push(`note: ${note}`)
    if (!dryRun) lines.push('next: slipway validate', ...(undo === null ? [] : [`undo: ${undo}`]))
    return `${lines.join('\n')}\n`
  }
}
