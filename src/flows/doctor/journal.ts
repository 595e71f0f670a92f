import { visible } from '../../kit/text.ts'
import { type Check, fail, ok } from './check.ts'

export const journal: Check = {
  name: 'journal',
  needs: 'state',
  async run({ state }) {
    const { journal: found, knownJournal } = state!
    if (found === null) return [ok('no journal yet')]
    if (found.damage !== null)
      return [
        fail(
          'JOURNAL_DAMAGED',
          `the journal cannot be trusted: ${visible(found.damage)}`,
          'slipway local down --force, then restore .slipway from a backup, or move it away and begin anew',
        ),
      ]
    if (found.version > knownJournal)
      return [
        fail(
          'JOURNAL_NEWER',
          `the journal has version ${found.version}; this slipway knows up to ${knownJournal}`,
          'use the newer slipway that wrote it',
        ),
      ]
    return [ok(`the journal is sound, version ${found.version}`)]
  },
}
