import type { Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import type { Config } from '@oclif/core/config'
import * as Flags from '@oclif/core/flags'
import * as Parser from '@oclif/core/parser'
import type { Exit } from './errors.ts'
import type { Screen } from './kit/screen.ts'
import type { Toolbox } from './toolbox.ts'
import { usageError } from './view/usage.ts'

/** For commands that act in an environment. */
export const ENV = Flags.string({ helpValue: 'ENV', description: 'environment (default: the only one, else dev)' })
/** For commands that change something. */
export const DRY_RUN = Flags.boolean({ description: 'say what would happen and change nothing' })

type Spec = Pick<typeof Command, 'flags' | 'args'>

/**
 * The base of every command. A command says what it takes, calls one flow, and renders the result:
 *
 *     export default class Inspect extends BaseCommand<typeof Inspect, Inspected> {
 *       static override summary = 'Show what a version is made of'
 *       static override examples = ['<%= config.bin %> inspect digits:v2 --files']
 *       static override args = { ref: Args.string({ required: true, description: 'version' }) }
 *       static override flags = { files: Flags.boolean({ description: 'list every file' }), env: ENV }
 *       static schema = 'inspect'                        // --json adds $schema "slipway.dev/inspect/v1"
 *
 *       flow() { return inspect(this.toolbox, this.args.ref, this.flags) }
 *       render(result: Inspected, screen: Screen) { return inspectText(result, screen) }
 *     }
 *
 * `flow` throws SlipwayError for what is expected to fail; main prints it, also as JSON, and takes its exit code.
 * A result that is itself a failure (a release that was taken back) says so by `exitOf`.
 * Output that goes on (`watch`, `--follow`): call `this.line(object, text)` for each line and return null.
 * Talk goes to `this.toolbox.terminal.say`. `static rest = true` gives what stands after `--` in `this.rest`.
 * Flags and args are static. Completion goes by an option's helpValue and an argument's name: REF, RELEASE, MODEL,
 * ENV, RUN, FILE, DIR.
 */
export abstract class BaseCommand<C extends Spec, R extends object | null> extends Command {
  static override baseFlags = {
    json: Flags.boolean({ description: 'print one JSON object (or one a line) on stdout' }),
    config: Flags.string({
      helpValue: 'FILE',
      description: 'slipway.yaml to use (default: here or in a parent folder)',
    }),
  }
  static schema = ''
  static rest = false

  protected flags!: Interfaces.InferredFlags<(typeof BaseCommand)['baseFlags'] & C['flags']>
  protected args!: Interfaces.InferredArgs<C['args']>
  /** What stands after `--`. */
  protected rest: readonly string[] = []
  protected readonly toolbox: Toolbox

  constructor(argv: string[], config: Config, toolbox: Toolbox) {
    super(argv, config)
    this.toolbox = toolbox
  }

  /** The work: one call of a flow. */
  abstract flow(): Promise<R>
  /** The result as text for stdout, with its line ends. */
  abstract render(result: R, screen: Screen): string
  /** The exit code of a result. */
  exitOf(_result: R): Exit {
    return 0
  }

  /** One line of output that goes on. */
  protected line(object: object, text: string): void {
    this.toolbox.terminal.out(this.flags.json ? this.json(object) : `${text}\n`)
  }

  override async run(): Promise<Exit> {
    await this.read()
    const result = await this.flow()
    if (result !== null)
      this.toolbox.terminal.out(this.flags.json ? this.json(result) : this.render(result, this.toolbox.terminal.screen))
    return this.exitOf(result)
  }

  private get spec(): typeof BaseCommand {
    return this.constructor as typeof BaseCommand
  }

  private json(object: object): string {
    return `${JSON.stringify({ $schema: `slipway.dev/${this.spec.schema}/v1`, ...object })}\n`
  }

  private async read(): Promise<void> {
    const { args, flags, baseFlags, rest } = this.spec
    const cut = rest ? this.argv.indexOf('--') : -1
    const mine = cut === -1 ? this.argv : this.argv.slice(0, cut)
    this.rest = cut === -1 ? [] : this.argv.slice(cut + 1)
    // Never from stdin: a pipe that happens to be there is no argument.
    const quiet = Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, { ...arg, ignoreStdin: true }]))
    const all = { ...baseFlags, ...flags }
    try {
      const parsed = await Parser.parse(mine, { args: quiet, flags: all, strict: true, context: this } as never)
      this.flags = parsed.flags as typeof this.flags
      this.args = parsed.args as typeof this.args
    } catch (thrown) {
      throw usageError(thrown, this.id ?? '', all, args)
    }
  }
}
