import { personCommand } from '../../person-command.ts'

export default class ReleaseAbort extends personCommand('abort') {
  static override summary = 'End a release and take users back to its baseline'
  static override examples = ['<%= config.bin %> release abort']
  static override schema = 'asked'
}
