import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandFirst, meant } from '../../src/dispatch.ts'
import { builtApp } from './app.ts'
import { type How, run, scratch, shell } from './run.ts'

const SECRET = 'hunter2secret'
const APP = await builtApp()
const app = (args: string[], how: How = {}) => run(args, { bin: APP, ...how })
const parsed = (text: string) => JSON.parse(text)

describe('a mistyped command', () => {
  for (const [typed, suggested] of [
    [['thorws'], 'throws'],
    [['group', 'iner', 'x'], 'group inner'],
    [['grop', 'inner'], 'group inner'],
    [['inner'], 'group inner'],
    [['fourever', '--json'], 'forever'],
  ] as const)
    it(`${typed.join(' ')} gets a suggestion and exit 2`, async () => {
      const ran = await app([...typed])
      expect(ran.code).toBe(2)
      if ((typed as readonly string[]).includes('--json')) {
        const { error } = parsed(ran.stdout)
        expect(error).toMatchObject({ code: 'COMMAND_UNKNOWN', exit: 2, whose: 'input' })
        expect(error.message).toContain(`did you mean \`${suggested}\`?`)
        expect(ran.stderr).toBe('')
      } else {
        expect(ran.stderr).toContain(`did you mean \`${suggested}\`?`)
        expect(ran.stdout).toBe('')
      }
    })

  it('that is near to nothing names the help', async () => {
    expect(parsed((await app(['quux', '--json'])).stdout).error).toMatchObject({ next: ['slipway help'] })
  })

  it('is never asked about: stdin is not read', async () => {
    const ran = await app(['thorws'])
    expect(ran.stderr).not.toContain('[Y/n]')
  })

  it('is found among commands of any length', () => {
    const ids = ['pack', 'release:start', 'release:status', 'local:status', 'train:run']
    expect(meant(['relase', 'strat'], ids)).toEqual(['release start'])
    expect(meant(['pakc'], ids)).toEqual(['pack'])
    expect(meant(['status'], ids)).toEqual(['release status', 'local status'])
    expect(meant(['release', 'digits-7'], ids)).toEqual([])
    expect(meant(['zzzzzzzz'], ids)).toEqual([])
  })
})

describe('a mistyped flag', () => {
  it('gets a suggestion', async () => {
    const ran = await app(['group', 'inner', '--envv', 'prod'])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('group inner has no flag --envv; did you mean --env?')
    expect(ran.stderr).toContain('next: slipway group inner --help')
  })

  it('gets it in JSON too', async () => {
    const ran = await app(['group', 'inner', '--jsno', '--json'])
    expect(ran).toMatchObject({ code: 2, stderr: '' })
    expect(parsed(ran.stdout).error).toMatchObject({
      code: 'FLAG_UNKNOWN',
      exit: 2,
      next: ['slipway group inner --help'],
    })
  })
})

describe('wrong usage', () => {
  for (const [args, message] of [
    [['throws'], 'CODE is missing'],
    [['throws', 'A', 'b', SECRET], '1 too many; it takes at most 2'],
    [['throws', 'A', '--format', SECRET], '--format must be one of text, html'],
    [['throws', 'A', '--count', SECRET], '--count has a value of the wrong kind'],
    [['throws', 'A', '--token'], '--token needs a value'],
    [['throws', 'A', `--tokn=${SECRET}`], 'did you mean --token?'],
    [['throws', 'A', '--refused', SECRET], '--refused: that is refused'],
    [['throws', 'A', '--text', SECRET], '--text needs --html'],
    [['throws', 'A', '--html', '--plain', SECRET], '--plain and --html exclude each other'],
    [[SECRET, SECRET], 'has no command'],
  ] as const)
    it(`${args.join(' ')}: says what, and repeats no value`, async () => {
      const text = await app([...args])
      expect(text).toMatchObject({ code: 2, stdout: '' })
      expect(text.stderr).toContain(message)
      expect(text.stderr).not.toContain(SECRET)
      const json = await app([...args, '--json'])
      expect(json.code).toBe(2)
      expect(parsed(json.stdout).error.message).toContain(message)
      expect(json.stdout.length).toBeLessThan(2000)
      expect(json.stdout + json.stderr).not.toContain(SECRET)
    })
})

describe('an error in JSON', () => {
  it('holds no home folder, no working folder, no environment, no control character', async () => {
    const cwd = scratch()
    const home = scratch()
    const how = { cwd, env: { HOME: home, SLIPWAY_TOKEN: SECRET } }
    for (const code of ['CAPACITY', 'BUG', 'TypeError', 'ENOSPC']) {
      const { stdout } = await app(['throws', code, '--token', SECRET, '--json'], how)
      expect(Object.keys(parsed(stdout))).toEqual(['$schema', 'error'])
      expect(Object.keys(parsed(stdout).error)).toEqual(['code', 'exit', 'message', 'whose', 'where', 'next'])
      for (const never of [SECRET, home, cwd, '\u202e', 'throws.js:']) expect(stdout).not.toContain(never)
    }
  })

  it('is at most 2 kB, on one line', async () => {
    const { stdout } = await app(['throws', 'CONFIG_INVALID', '--long', '--json'])
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(2048)
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(parsed(stdout).error.where[0]).toMatchObject({ line: 1, column: 3 })
  })

  it('names a full disk and not the bug of a stack', async () => {
    const { stdout, code } = await app(['throws', 'ENOSPC', '--json'], { cwd: scratch() })
    expect(code).toBe(5)
    expect(parsed(stdout).error).toMatchObject({ code: 'NO_SPACE', message: 'data: no space left' })
  })

  it('shows a bug with a short stack on stderr only', async () => {
    const { stdout, stderr, code } = await app(['throws', 'TypeError', '--json'])
    expect(code).toBe(1)
    expect(stdout).not.toContain('    at ')
    expect(stderr.split('\n').filter((line) => line.startsWith('    at ')).length).toBeLessThanOrEqual(5)
    expect(stderr).toMatch(/at Throws.flow \(throws\.js:\d+:\d+\)/)
  })
})

describe('output', () => {
  it('has no ANSI byte without a terminal, and has it where colours are forced', async () => {
    const plain = await app(['throws', 'CAPACITY'])
    expect(plain.stderr).not.toContain('\u001b')
    expect((await app(['throws', 'CAPACITY'], { env: { FORCE_COLOR: '1' } })).stderr).toContain('\u001b[31m')
    expect((await app(['throws', 'CAPACITY'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stderr).not.toContain(
      '\u001b',
    )
  })

  it('that goes on is one object a line', async () => {
    const { stdout } = await run(['many', '--json', '--to', '3'], { bin: APP })
    const lines = stdout.trimEnd().split('\n').map(parsed)
    expect(lines).toEqual([1, 2, 3].map((n) => ({ $schema: 'slipway.dev/many/v1', n })))
  })

  it('is one object with $schema otherwise', async () => {
    const ran = await app(['group', 'inner', 'x', '--env', 'prod', '--json', '--', 'node', '--json', '-h'])
    expect(parsed(ran.stdout)).toEqual({
      $schema: 'slipway.dev/inner/v1',
      name: 'x',
      rest: ['node', '--json', '-h'],
      flags: { env: 'prod', json: true, exit: 0 },
    })
  })

  it('may have --json, --config and --env before the command', async () => {
    expect(commandFirst(['--json', '--env', 'prod', 'pack', 'x', '--', 'y'])).toEqual([
      'pack',
      'x',
      '--json',
      '--env',
      'prod',
      '--',
      'y',
    ])
    expect(parsed((await app(['--json', '--env=qa', 'group', 'inner'])).stdout).flags).toMatchObject({ env: 'qa' })
  })
})

describe('arguments', () => {
  it('are never read from a pipe', async () => {
    const folder = scratch()
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'in'), 'from-a-pipe\n')
    const ran = await shell('"$NODE" "$APP" group inner < in', { cwd: folder, env: { APP } })
    expect(ran.stdout).toBe('null\n')
  })
})
