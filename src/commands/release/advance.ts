import { personCommand } from '../../person-command.ts'

export default class ReleaseAdvance extends personCommand('advance') {
  static override summary = 'End the minimum time of the present step now, and nothing else'
  static override examples = ['<%= config.bin %> release advance']
  static override schema = 'asked'
}
