import { execFile, execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environment, ROOT, scratch } from './run.ts'

const MB = 1_000_000
const call = promisify(execFile)
/** npm without a network and with a cache of its own: what it cannot find here, it cannot have. */
const npm = (args: readonly string[], cwd: string, cache: string) =>
  call('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: environment({ npm_config_cache: cache, npm_config_update_notifier: 'false' }),
  })

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

it('the manifest is what the commands say', async () => {
  const told = await call(process.execPath, [join(ROOT, '.ci', 'manifest.mjs')], { env: environment() }).catch(
    (error: { stderr: string }) => ({ stderr: error.stderr }),
  )
  expect(told.stderr).toBe('')
})

describe('the package', () => {
  let folder: string
  let packed: Packed
  beforeAll(async () => {
    folder = scratch(afterAll)
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const { stdout } = await npm(args, ROOT, join(folder, 'cache'))
    const said = JSON.parse(stdout)
    packed = (Array.isArray(said) ? said[0] : Object.values(said)[0]) as Packed
  })
  const read = (path: string): string =>
    execFileSync('tar', ['-xzOf', join(folder, packed.filename), `package/${path}`], {
      encoding: 'utf8',
      maxBuffer: 64e6,
    })

  it('is small', () => {
    expect(packed.size).toBeLessThanOrEqual(2 * MB)
    expect(packed.unpackedSize).toBeLessThanOrEqual(8 * MB)
  })

  it('holds the manifest, the licences and the bill of materials, and nothing of the workshop', () => {
    const paths = packed.files.map(({ path }) => path)
    for (const path of [
      'bin/run.js',
      'dist/main.js',
      'dist/licences.txt',
      'dist/sbom.cdx.json',
      'LICENSE',
      'oclif.manifest.json',
    ])
      expect(paths).toContain(path)
    expect(
      paths.filter(
        (path) =>
          !/^(bin\/run\.js|dist\/|templates\/|oclif\.manifest\.json|LICENSE|README\.md|package\.json)/.test(path),
      ),
    ).toEqual([])
    expect(read('oclif.manifest.json')).toBe(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8'))
  })

  it('depends on nothing and runs nothing when it is installed', () => {
    const { scripts, ...own } = JSON.parse(read('package.json'))
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'])
      expect(own).not.toHaveProperty(kind)
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'prepublish'])
      expect(scripts).not.toHaveProperty(script)
    expect(packed.files.some(({ path }) => path.endsWith('binding.gyp'))).toBe(false)
  })

  it('names in its bill of materials, with licence, all that is bundled', () => {
    const bill = JSON.parse(read('dist/sbom.cdx.json'))
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' })
    expect(bill.metadata.component).toMatchObject({ name: 'slipway', type: 'application' })
    const named = bill.components.map((one: { group?: string; name: string; version: string; licenses: unknown[] }) => {
      expect(one.licenses).toHaveLength(1)
      return `${one.group === undefined ? '' : `${one.group}/`}${one.name} ${one.version}`
    })
    expect(named).toContain(
      `@oclif/core ${JSON.parse(readFileSync(join(ROOT, 'node_modules/@oclif/core/package.json'), 'utf8')).version}`,
    )
    const texts = read('dist/licences.txt')
      .split(`\n${'-'.repeat(80)}\n\n`)
      .slice(1)
    expect(texts.map((text) => text.split(' (')[0]).sort()).toEqual(named.sort())
    for (const text of texts) expect(text.length).toBeGreaterThan(80)
  })

  it('installs without a network, alone, and runs', async () => {
    const project = scratch()
    await npm(['init', '--yes'], project, join(folder, 'cache'))
    await npm(['install', join(folder, packed.filename)], project, join(folder, 'cache'))
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['slipway'])
    const slipway = (...args: string[]) =>
      call(process.execPath, [join(project, 'node_modules', '.bin', 'slipway'), ...args], {
        cwd: project,
        env: environment(),
      })
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect((await slipway('--version')).stdout).toContain(`slipway ${version} `)
    const help = await slipway('help')
    expect(help).toMatchObject({ stderr: '', stdout: expect.stringContaining('slipway release start') })
    const init = await slipway('init', '--json', '--model', 'digits')
    expect(init.stderr).toBe('')
    expect(JSON.parse(init.stdout)).toMatchObject({ model: 'digits' })
    expect((await slipway('validate')).stdout).toContain('digits')
  })
})
