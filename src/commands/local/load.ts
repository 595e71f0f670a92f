import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from '../../base-command.ts'
import { SlipwayError } from '../../errors.ts'
import { type Load, load } from '../../flows/load.ts'
import { parseDuration } from '../../kit/units.ts'
import { loadText } from '../../view/load.ts'

const duration = (flag: string, text: string): number => {
  const ms = parseDuration(text)
  if (ms === undefined) throw new SlipwayError('USAGE', `--${flag} takes a duration such as 30s`)
  return ms
}

export default class LocalLoad extends BaseCommand<typeof LocalLoad, Load> {
  static override summary = 'Send the requests of an evaluation set on schedule, whatever the server does'
  static override examples = [
    '<%= config.bin %> local load --set golden --rate 100 --for 5s',
    '<%= config.bin %> local load --set golden --rate 20 --for 10m --labels --label-delay 5s --detach',
  ]
  static override flags = {
    env: ENV,
    set: Flags.string({ helpValue: 'NAME', description: 'evaluation set whose lines are sent', required: true }),
    rate: Flags.string({ helpValue: 'N', description: 'requests per second', required: true }),
    for: Flags.string({ helpValue: 'DURATION', description: 'how long', required: true }),
    labels: Flags.boolean({ description: 'send the expect of each line as the label of its request' }),
    'label-delay': Flags.string({ helpValue: 'DURATION', description: 'how late labels come', default: '5s' }),
    concurrency: Flags.integer({
      helpValue: 'N',
      description: 'what would be open beyond it fails and is named so',
      default: 256,
      min: 1,
    }),
    seed: Flags.integer({ helpValue: 'N', description: 'order of the lines', default: 1 }),
    detach: Flags.boolean({ description: 'return at once; the load goes on' }),
    'dry-run': DRY_RUN,
  }
  static override schema = 'load'

  async flow(): Promise<Load> {
    const project = await this.toolbox.open(this.flags.config)
    const { env, set, labels, concurrency, seed, detach } = this.flags
    const rate = Number(this.flags.rate)
    if (!(rate > 0 && rate <= 100_000))
      throw new SlipwayError('USAGE', '--rate takes a number of requests per second above 0')
    const { terminal, interrupt } = this.toolbox
    return load(project, {
      env,
      set,
      rate,
      labels,
      concurrency,
      seed,
      detach,
      dryRun: this.flags['dry-run'],
      durationMs: duration('for', this.flags.for),
      labelDelayMs: duration('label-delay', this.flags['label-delay']),
      signal: interrupt.signal,
      progress: (line) => terminal.say(line),
    })
  }

  render(result: Load): string {
    return loadText(result)
  }
}
