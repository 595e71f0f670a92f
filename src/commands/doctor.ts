import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../base-command.ts'
import type { Exit } from '../errors.ts'
import { type Diagnosis, doctor } from '../flows/doctor.ts'
import type { Screen } from '../kit/screen.ts'
import { diagnosisText } from '../view/doctor.ts'

export default class Doctor extends BaseCommand<typeof Doctor, Diagnosis> {
  static override summary = 'Check this machine and this project, each fault with its remedy'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --fix']
  static override flags = {
    fix: Flags.boolean({ description: 'mend permissions and remove leftovers; says what it did' }),
  }
  static override schema = 'diagnosis'

  async flow(): Promise<Diagnosis> {
    return doctor(await this.toolbox.examined(this.flags.config), this.flags.fix)
  }

  render(result: Diagnosis, screen: Screen): string {
    return diagnosisText(result, screen)
  }

  override exitOf(result: Diagnosis): Exit {
    return result.exit as Exit
  }
}
