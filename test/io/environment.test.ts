import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { actorOf, environmentOf } from '../../src/io/environment.ts'
import { mayColour, mayUnicode, memoryTerminal, screenOf } from '../../src/io/terminal.ts'
import { paint } from '../../src/kit/screen.ts'
import { scratch } from '../cli/run.ts'

const machine = () => ({ user: 'ann', host: 'box' })
const made = (variables: Record<string, string | undefined>) => environmentOf(variables, tmpdir(), machine)

describe('who acts', () => {
  it('is SLIPWAY_ACTOR, else the user of the CI, else user@host', () => {
    expect(actorOf({ SLIPWAY_ACTOR: 'bob', GITHUB_ACTOR: 'eve' }, machine)).toBe('bob')
    expect(actorOf({ GITHUB_ACTOR: 'eve' }, machine)).toBe('eve')
    expect(actorOf({ GITLAB_USER_LOGIN: 'gil' }, machine)).toBe('gil')
    expect(actorOf({ SLIPWAY_ACTOR: '' }, machine)).toBe('ann@box')
  })
})

describe('variables', () => {
  it('for children of our own hold nothing that changes their Node', () => {
    const environment = made({
      PATH: '/bin',
      NODE_OPTIONS: '--insecure-http-parser',
      FORCE_COLOR: '1',
      EMPTY: undefined,
    })
    expect(environment.ownVariables()).toEqual({ PATH: '/bin' })
    expect(environment.variables()).toEqual({ PATH: '/bin', NODE_OPTIONS: '--insecure-http-parser', FORCE_COLOR: '1' })
  })

  it('tell a CI', () => {
    expect(made({ CI: 'true' }).ci).toBe(true)
    for (const CI of ['', '0', 'false', undefined]) expect(made({ CI }).ci).toBe(false)
  })
})

describe('the cache folder', () => {
  it('is private, in XDG_CACHE_HOME or ~/.cache', () => {
    const home = scratch()
    const folder = made({ HOME: home }).cacheFolder()
    expect(folder).toBe(join(home, '.cache', 'slipway'))
    expect(statSync(folder!).mode & 0o777).toBe(0o700)
    const cache = scratch()
    mkdirSync(join(cache, 'slipway'), { mode: 0o777 })
    expect(made({ HOME: home, XDG_CACHE_HOME: cache }).cacheFolder()).toBe(join(cache, 'slipway'))
    expect(statSync(join(cache, 'slipway')).mode & 0o777).toBe(0o700)
  })

  it('is none where there is no home, or none that can be written', () => {
    const file = join(scratch(), 'file')
    writeFileSync(file, '')
    for (const HOME of [undefined, '', 'relative', file, '/proc/nowhere'])
      expect(made({ HOME }).cacheFolder()).toBeNull()
  })
})

describe('a screen', () => {
  const tty = { isTTY: true, columns: 120 }
  it('has colours on terminals that can, and never with NO_COLOR', () => {
    expect(mayColour(made({}), tty)).toBe(true)
    expect(mayColour(made({}), {})).toBe(false)
    expect(mayColour(made({ TERM: 'dumb' }), tty)).toBe(false)
    expect(mayColour(made({ NO_COLOR: '1' }), tty)).toBe(false)
    expect(mayColour(made({ NO_COLOR: '' }), tty)).toBe(true)
    expect(mayColour(made({ FORCE_COLOR: '1' }), {})).toBe(true)
    expect(mayColour(made({ FORCE_COLOR: '0' }), tty)).toBe(false)
    expect(mayColour(made({ FORCE_COLOR: '1', NO_COLOR: '1' }), tty)).toBe(false)
  })

  it('is ASCII on a terminal whose locale is not UTF-8', () => {
    expect(mayUnicode(made({ LANG: 'en_GB.UTF-8' }), tty)).toBe(true)
    expect(mayUnicode(made({ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }), tty)).toBe(false)
    expect(mayUnicode(made({}), {})).toBe(true)
  })

  it('cuts nothing where nobody looks', () => {
    expect(screenOf(made({}), {}).width).toBeNull()
    expect(screenOf(made({}), tty).width).toBe(120)
  })

  it('paints only where it may', () => {
    expect(paint({ width: null, colour: false, unicode: true }, 'red', 'x')).toBe('x')
    expect(paint({ width: null, colour: true, unicode: true }, 'red', 'x')).toBe('\u001b[31mx\u001b[39m')
  })
})

it('the memory terminal keeps data and talk apart', () => {
  const terminal = memoryTerminal()
  terminal.out('data')
  terminal.say('talk')
  expect(terminal.written).toEqual({ stdout: 'data', stderr: 'talk\n' })
})
