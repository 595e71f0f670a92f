import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ManifestCommands } from '../../src/view/completion.ts'
import { ROOT } from './run.ts'

const { commands } = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
  commands: ManifestCommands
}

interface Promised {
  /** Arguments in order; in brackets where they may be left out. */
  readonly args?: string
  readonly flags?: readonly string[]
  /** It changes something: --dry-run. */
  readonly changes?: true
  /** It acts in an environment: --env. */
  readonly env?: true
}
/** Every command that users are promised, with its arguments and flags. */
const PROMISED: Readonly<Record<string, Promised>> = {
  init: { args: '[dir]', flags: ['model', 'template', 'force'], changes: true },
  doctor: { flags: ['fix'] },
  validate: { args: '[file]' },
  schema: { args: '[name]' },
  completion: { args: 'shell' },
  help: {},
  version: {},
  'train run': { flags: ['param', 'data', 'seed', 'pack', 'tag', 'detach'], changes: true },
  'train list': {},
  'train status': { args: 'run' },
  'train logs': { args: 'run', flags: ['follow', 'tail'] },
  'train cancel': { args: 'run', changes: true },
  pack: { args: '[path]', flags: ['tag', 'parent', 'output'], changes: true },
  inspect: { args: 'ref', flags: ['files', 'tensors'] },
  plan: { args: '[ref]', flags: ['output'], env: true },
  'release start': {
    args: '[ref]',
    flags: ['plan', 'detach', 'timeout', 'report', 'replace', 'waive', 'reason', 'no-baseline'],
    changes: true,
    env: true,
  },
  'release status': { args: '[release]', env: true },
  'release watch': { args: '[release]', flags: ['report'], env: true },
  'release explain': { args: '[release]', flags: ['gate'], env: true },
  'release report': { args: '[release]', flags: ['format', 'output'], env: true },
  'release history': { args: '[release]', flags: ['limit'], env: true },
  'release pause': { args: '[release]', flags: ['reason'], changes: true, env: true },
  'release resume': { args: '[release]', flags: ['reason'], changes: true, env: true },
  'release advance': { args: '[release]', flags: ['reason'], changes: true, env: true },
  'release abort': { args: '[release]', flags: ['reason'], changes: true, env: true },
  'release accept': { args: '[release]', flags: ['reason'], changes: true, env: true },
  rollback: { args: '[model]', flags: ['to', 'reason', 'quarantine', 'timeout', 'detach'], changes: true, env: true },
  'quarantine list': {},
  'quarantine add': { args: 'ref', flags: ['reason'], changes: true },
  'quarantine lift': { args: 'ref', flags: ['reason'], changes: true },
  'eval run': { args: '[ref]', flags: ['set', 'baseline', 'limit', 'report'], env: true },
  'label add': { args: '[id] [value]', flags: ['file', 'env'], changes: true },
  'local up': { flags: ['foreground'], changes: true, env: true },
  'local down': { flags: ['force'], changes: true },
  'local status': {},
  'local service': {},
  'local logs': { args: '[of]', flags: ['follow', 'tail'], env: true },
  'local prune': { flags: ['keep'], changes: true },
  'local load': {
    flags: ['set', 'rate', 'for', 'labels', 'label-delay', 'concurrency', 'detach'],
    env: true,
  },
}
const CHARS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pack: { output: 'o' },
  plan: { output: 'o' },
  'release report': { output: 'o' },
}

it('the commands are those that users are promised, and no others', () => {
  const known = Object.entries(commands).filter(([, { hidden }]) => !hidden)
  expect(known.map(([id]) => id.replaceAll(':', ' ')).sort()).toEqual(Object.keys(PROMISED).sort())
})

describe('the command', () => {
  for (const [id, promised] of Object.entries(PROMISED))
    it(id, () => {
      const command = commands[id.replaceAll(' ', ':')]!
      expect(command, 'is there').toBeDefined()
      expect(command.summary, 'says what it does').toMatch(/^[A-Z].{10,99}[^.]$/)
      const wanted = ['json', 'config', ...(promised.flags ?? [])]
      if (promised.changes) wanted.push('dry-run')
      if (promised.env) wanted.push('env')
      expect(Object.keys(command.flags)).toEqual(expect.arrayContaining(wanted))
      if (!promised.changes) expect(Object.keys(command.flags)).not.toContain('force')
      for (const [flag, char] of Object.entries(CHARS[id] ?? {})) expect(command.flags[flag]).toMatchObject({ char })
      for (const [name, { description }] of Object.entries(command.flags))
        expect([name, description]).toEqual([name, expect.stringMatching(/^\S.{3,}[^.]$/)])
      if (id === 'help') return
      const shown = Object.entries(command.args as Record<string, { required?: boolean }>)
      expect(shown.map(([name, { required }]) => (required ? name : `[${name}]`)).join(' ')).toBe(promised.args ?? '')
    })
})
