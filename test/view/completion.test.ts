import { describe, expect, it } from 'vitest'
import { type Completion, complete, completionText, type ManifestCommands } from '../../src/view/completion.ts'

const flag = (type: string, more: object = {}) => ({ type, description: `a ${type}`, ...more })
const COMMANDS: ManifestCommands = {
  pack: {
    summary: 'Pack',
    args: { path: {} },
    flags: {
      tag: flag('option', { helpValue: 'NAME' }),
      json: flag('boolean'),
      parent: flag('option', { helpValue: 'REF' }),
    },
  },
  'release:start': {
    summary: 'Start',
    args: { ref: {} },
    flags: { waive: flag('option', { multiple: true }), env: flag('option', { helpValue: 'ENV' }) },
  },
  'release:report': {
    summary: 'Report',
    args: { release: {} },
    flags: { format: flag('option', { options: ['html', 'junit'] }), secret: flag('boolean', { hidden: true }) },
  },
  'local:logs': {
    summary: 'Logs',
    args: { what: { options: ['host', 'data-plane'] } },
    flags: { follow: flag('boolean') },
  },
  'local:tail': { args: { of: {} }, flags: {} },
  hidden: { hidden: true, args: {}, flags: {} },
  help: { summary: 'Help', args: { first: {} }, flags: {} },
}
const at = (...words: string[]): Completion => complete(words, COMMANDS)
const values = (...words: string[]): string[] => at(...words).candidates.map(({ value }) => value)

describe('what may come next', () => {
  for (const [words, expected] of [
    [[''], ['pack', 'release', 'local', 'help']],
    [
      ['release', ''],
      ['start', 'report'],
    ],
    [
      ['help', 'release', ''],
      ['start', 'report'],
    ],
    [
      ['help', ''],
      ['pack', 'release', 'local', 'help'],
    ],
    [['nosuch', ''], []],
    [
      ['pack', '-'],
      ['--tag', '--json', '--parent'],
    ],
    [
      ['pack', '--json', '-'],
      ['--tag', '--parent'],
    ],
    [
      ['release', 'start', '--waive', 'a', '-'],
      ['--waive', '--env'],
    ],
    [
      ['release', 'report', '--format', ''],
      ['html', 'junit'],
    ],
    [
      ['release', 'report', '--format=h'],
      ['--format=html', '--format=junit'],
    ],
    [['release', 'report', 'digits-1', ''], ['--format']],
    [
      ['local', 'logs', ''],
      ['host', 'data-plane'],
    ],
    [
      ['local', 'logs', '--follow', ''],
      ['host', 'data-plane'],
    ],
    [['pack', '--', ''], []],
  ] as const)
    it(words.join(' '), () => expect(values(...words)).toEqual(expected))

  it('names live things by the kind of an argument or flag', () => {
    expect(at('release', 'start', '')).toMatchObject({ names: ['version'], files: true })
    expect(at('release', 'report', '')).toMatchObject({ names: ['release'], files: false })
    expect(at('release', 'report', '--format', 'html', '')).toMatchObject({ names: ['release'] })
    expect(at('release', 'start', '--env', '')).toMatchObject({ names: ['environment'] })
    expect(at('pack', '--parent', '')).toMatchObject({ names: ['version'], files: true })
    expect(at('local', 'tail', '')).toMatchObject({
      names: ['version'],
      candidates: [{ value: 'host' }, { value: 'data-plane' }],
    })
    expect(at('pack', '')).toMatchObject({ names: [], files: true })
    expect(at('pack', '--tag', '')).toMatchObject({ names: [], files: false, candidates: [] })
    expect(at('init', '--', '')).toMatchObject({ files: true })
  })
})

describe('the answer to a shell', () => {
  it('keeps what begins as typed, one a line with its summary, and says where files do', () => {
    const completion: Completion = { candidates: [{ value: '--tag', summary: 'a\ttag' }], names: [], files: true }
    expect(completionText(completion, [], '--t')).toBe('--tag\ta tag\n:files\n')
    expect(completionText(completion, ['digits:v1'], 'd')).toBe('digits:v1\n:files\n')
  })

  it('offers no name that a shell would not take as it is', () => {
    const names = ['ok', '$(reboot)', 'a b', 'a;b', '`x`', 'a\nb', '\u001b[2J', '-x"']
    expect(completionText({ candidates: [], names: [], files: false }, names, '')).toBe('ok\n')
  })
})
