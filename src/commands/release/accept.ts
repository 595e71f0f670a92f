import { personCommand } from '../../person-command.ts'

export default class ReleaseAccept extends personCommand('accept', { required: true }) {
  static override summary = 'Take the inconclusive gates of a held release for passed; never a failed one'
  static override examples = ['<%= config.bin %> release accept --reason "checked by hand"']
  static override schema = 'asked'
}
