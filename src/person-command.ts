/** The one shape of the commands in which a person takes part in a release. */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand, DRY_RUN, ENV } from './base-command.ts'
import { type Asked, personAsks } from './flows/person.ts'
import type { PersonVerb } from './release/types.ts'
import { askedText } from './view/asked.ts'

const RELEASE = Args.string({
  required: false,
  description: 'release (default: the one that runs)',
  helpValue: 'RELEASE',
})
const REASON = { helpValue: 'TEXT', description: 'why; kept in the journal' }

/** The base of `release VERB`; `required`: it is not done without a reason. They work past a broken slipway.yaml. */
export function personCommand(verb: PersonVerb, { required = false } = {}) {
  const args = { release: RELEASE }
  const flags = { env: ENV, reason: Flags.string({ ...REASON, required }), 'dry-run': DRY_RUN }
  abstract class PersonCommand extends BaseCommand<{ args: typeof args; flags: typeof flags }, Asked> {
    static override args = args
    static override flags = flags

    async flow(): Promise<Asked> {
      const project = await this.toolbox.openPast(this.flags.config)
      const { env, reason, 'dry-run': dryRun } = this.flags
      const { signal } = this.toolbox.interrupt
      return personAsks(project, verb, { env, reason, release: this.args.release, dryRun, signal })
    }

    render(result: Asked): string {
      return askedText(result)
    }
  }
  return PersonCommand
}
