import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { ERRORS, type ErrorCode, EXITS } from '../../src/errors.ts'
import { builtApp } from './app.ts'
import { BIN, ROOT, run, scratch, shell, start } from './run.ts'

const APP = await builtApp()
const VERSION = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version

/** Every Node found here that fits `engines`. */
const NODES = [
  ...new Set([process.execPath, ...(process.env.PATH ?? '').split(':').map((folder) => join(folder, 'node'))]),
]
  .filter((path) => existsSync(path))
  .map((path) => realpathSync(path))
  .filter((path, at, all) => all.indexOf(path) === at)
  .map((path) => ({ path, version: spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim() }))
  .filter(({ version }) => {
    const [major = 0, minor = 0, patch = 0] = version.slice(1).split('.').map(Number)
    return (
      major >= 26 || (major === 24 && minor >= 15) || (major === 22 && (minor > 22 || (minor === 22 && patch >= 2)))
    )
  })
/** A Node that says it is old: the same binary, its version laid over before anything runs. */
const pretend = (what: string): string[] => ['--import', `data:text/javascript,${encodeURIComponent(what)}`]
const OLD = pretend(`Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.2' } })`)

describe('version', () => {
  for (const words of [['--version'], ['-v'], ['version'], ['--version', '--config', 'x']])
    it(`${words.join(' ')} prints one line`, async () => {
      const { code, stdout, stderr } = await run(words)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toBe(`slipway ${VERSION} ${process.platform}-${process.arch} node-${process.version}\n`)
    })

  it('is answered without the built command', async () => {
    const folder = scratch()
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin', 'run.js'), readFileSync(BIN))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', version: '9.8.7' }))
    expect((await run(['--version'], { bin: join(folder, 'bin', 'run.js') })).stdout).toContain('slipway 9.8.7 ')
    const other = await run(['help'], { bin: join(folder, 'bin', 'run.js') })
    expect(other).toMatchObject({ code: 1, stdout: '' })
    expect(other.stderr).toContain('npm run build')
  })
})

describe('the Node that runs it', () => {
  it('hands over to the local one where it is too old', async () => {
    const { code, stdout, stderr } = await run(['version', '--json'], { nodeArgs: OLD })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout).node).not.toBe('20.19.2')
  })

  it('keeps the exit code of the one it hands over to', async () => {
    expect((await run(['nosuch'], { nodeArgs: OLD })).code).toBe(2)
  })

  it('says in one line what is needed where there is none', async () => {
    const folder = scratch()
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin', 'run.js'), readFileSync(BIN))
    writeFileSync(join(folder, 'package.json'), '{"type":"module","version":"1.0.0"}')
    // A local Node that is itself too old is no way out, and no circle.
    const old = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`)
    mkdirSync(join(old, 'bin'), { recursive: true })
    writeFileSync(join(old, 'package.json'), '{"version":"18.0.0"}')
    symlinkSync(process.execPath, join(old, 'bin', 'node'))
    const ran = await run(['help'], { bin: join(folder, 'bin', 'run.js'), nodeArgs: OLD })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/^slipway: Node 20\.19\.2 is too old; it needs \^22\.22\.2 \|\| \^24\.15 \|\| >=26.*\n$/)
  })

  it('is told about WSL on Windows', async () => {
    const ran = await run(['help'], {
      nodeArgs: pretend(`Object.defineProperty(process, 'platform', { value: 'win32' })`),
    })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/^slipway.*WSL.*\n$/)
  })

  it('can be as old as Node 12 to read run.js', async () => {
    const source = readFileSync(BIN, 'utf8')
    await expect(
      build({ stdin: { contents: source }, write: false, target: 'node12.22', logLevel: 'silent', format: 'esm' }),
    ).resolves.toMatchObject({ warnings: [] })
    const lowered = await build({ stdin: { contents: source }, write: false, target: 'node12.22', format: 'esm' })
    const kept = await build({ stdin: { contents: source }, write: false, target: 'esnext', format: 'esm' })
    expect(lowered.outputFiles[0]!.text).toBe(kept.outputFiles[0]!.text)
    // import.meta and the prefix are what esbuild does not look at.
    expect(source).not.toMatch(/from 'node:|import\('node:|^await /m)
  })

  for (const { path, version } of NODES) {
    it(`warns of nothing on ${version}`, async () => {
      for (const env of [{ NO_COLOR: '1', FORCE_COLOR: '1' }, { FORCE_COLOR: '3' }, { NODE_PENDING_DEPRECATION: '1' }])
        for (const args of [['help'], ['version', '--json'], ['help', 'exit-codes']]) {
          const { code, stderr } = await run(args, { node: path, env })
          expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
        }
    })

    it(`opens SQLite and says nothing on ${version}`, async () => {
      const { code, stderr, stdout } = await run(['sqlite'], { bin: APP, node: path })
      expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: '1\n' })
    })
  }
})

describe('ends of a command', () => {
  it('with the exit code of its error, for every exit that an error can have', async () => {
    const codes = new Map(Object.entries(ERRORS).map(([code, { exit }]) => [exit, code as ErrorCode]))
    // Nothing asks for a confirmation (6) or waits for an approval (8) so far.
    expect([...codes.keys(), 0, 6, 8].sort((a, b) => a - b)).toEqual(Object.keys(EXITS).map(Number))
    for (const [exit, code] of codes) {
      const ran = await run(['throws', code], { bin: APP })
      expect([code, ran.code]).toEqual([code, exit])
      expect(ran.stdout).toBe('')
      expect(ran.stderr).toContain(ERRORS[code].hint)
    }
  })

  it('with the exit code that a result says', async () => {
    expect(await run(['group', 'inner', '--exit', '7'], { bin: APP })).toMatchObject({ code: 7, stdout: 'null\n' })
  })

  it('as a bug where its promise is never kept', async () => {
    const ran = await run(['forever'], { bin: APP })
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('without an answer')
    expect(ran.stderr).not.toContain('top-level await')
  })

  it('silently with 0 where the reader of stdout goes away', async () => {
    const ran = await shell('"$NODE" "$APP" many | head -1; echo "${PIPESTATUS[0]}"', { env: { APP } })
    expect(ran).toMatchObject({ stdout: 'line 1\n0\n', stderr: '' })
    expect(await shell('slipway help | true; echo "${PIPESTATUS[0]}"')).toMatchObject({ stdout: '0\n', stderr: '' })
    expect(await shell('slipway --version | true; echo "${PIPESTATUS[0]}"')).toMatchObject({
      stdout: '0\n',
      stderr: '',
    })
  })

  it('with 5 where stdout cannot be written', async () => {
    if (process.platform !== 'linux') return expect(existsSync('/dev/full')).toBe(false)
    const ran = await shell('slipway help > /dev/full; echo $?')
    expect(ran.stdout).toBe('5\n')
    expect(ran.stderr).toMatch(/^slipway: stdout cannot be written: ENOSPC\n$/)
  })
})

describe('Ctrl-C', () => {
  const interrupted = async (args: string[], signals: NodeJS.Signals[] = ['SIGINT']) => {
    const { child, done } = start(args, { bin: APP })
    await new Promise((resolve) => child.stderr!.once('data', resolve))
    for (const signal of signals) child.kill(signal)
    return done
  }

  it('ends with 130 what does not end by itself', async () => {
    const ran = await interrupted(['waits'])
    expect(ran).toMatchObject({ code: 130, signal: null, stdout: '' })
    expect(ran.stderr).toContain('INTERRUPTED')
  })

  it('lets a flow end by itself, with its result or its own words', async () => {
    expect(await interrupted(['waits', '--polite'])).toMatchObject({ code: 0, stdout: 'left\n' })
    const ran = await interrupted(['waits', '--named', '--json'])
    expect(ran.code).toBe(130)
    expect(JSON.parse(ran.stdout).error).toMatchObject({ code: 'INTERRUPTED', exit: 130, message: 'digits-7 goes on' })
  })

  it('is the same for SIGTERM and SIGHUP', async () => {
    expect((await interrupted(['waits'], ['SIGTERM'])).code).toBe(130)
    expect((await interrupted(['waits'], ['SIGHUP'])).code).toBe(130)
  })
})

describe('compiled code', () => {
  it('is kept in a private folder of the user', async () => {
    const home = scratch()
    await run(['help'], { env: { HOME: home } })
    const folder = join(home, '.cache', 'slipway')
    expect(existsSync(join(folder, 'compiled'))).toBe(true)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    chmodSync(folder, 0o755)
    await run(['help'], { env: { HOME: home } })
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('goes where XDG_CACHE_HOME says', async () => {
    const cache = scratch()
    await run(['help'], { env: { XDG_CACHE_HOME: cache } })
    expect(existsSync(join(cache, 'slipway', 'compiled'))).toBe(true)
  })

  it('is silently none without a home, or with one that is no folder', async () => {
    const file = join(scratch(), 'file')
    writeFileSync(file, '')
    for (const env of [
      { HOME: undefined },
      { HOME: '' },
      { HOME: 'relative' },
      { HOME: file },
      { HOME: '/proc/nowhere' },
    ]) {
      const cwd = scratch()
      const ran = await run(['help', 'exit-codes'], { env, cwd })
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      expect(existsSync(join(cwd, 'relative'))).toBe(false)
    }
  })
})
