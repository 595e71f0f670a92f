import { personCommand } from '../../person-command.ts'

export default class ReleasePause extends personCommand('pause') {
  static override summary = 'Keep the weights as they are; time stands still, a failure still takes users back'
  static override examples = ['<%= config.bin %> release pause']
  static override schema = 'asked'
}
