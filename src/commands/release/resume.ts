import { personCommand } from '../../person-command.ts'

export default class ReleaseResume extends personCommand('resume') {
  static override summary = 'Let a paused release go on'
  static override examples = ['<%= config.bin %> release resume']
  static override schema = 'asked'
}
