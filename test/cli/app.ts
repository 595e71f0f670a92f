/** A small installation of fixture commands under the real main, built once and kept while the sources stay. */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Plugin } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'
import { build } from 'esbuild'
import { ROOT } from './run.ts'

const SOURCE = join(ROOT, 'test', 'cli', 'fixtures', 'app')

/** Path of its bin. */
export async function builtApp(): Promise<string> {
  const built = await build({
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    keepNames: true,
    write: false,
    external: ['typescript'],
    outbase: join(SOURCE, 'src'),
    outdir: '/app',
    entryPoints: globSync(join(SOURCE, 'src', '**', '*.ts')),
    banner: {
      js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);",
    },
  })
  const hash = createHash('sha256')
  hash.update(readFileSync(join(SOURCE, 'package.json')))
  for (const file of built.outputFiles) hash.update(file.path).update(file.contents)
  const cache = join(ROOT, 'node_modules', '.cache', 'slipway')
  const home = join(cache, `app-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(home)) return join(home, 'bin.js')
  const scratch = join(cache, `app-${process.pid}`)
  for (const { path, contents } of built.outputFiles) {
    const place = join(scratch, path.slice('/app/'.length))
    mkdirSync(join(place, '..'), { recursive: true })
    writeFileSync(place, contents)
  }
  cpSync(join(SOURCE, 'package.json'), join(scratch, 'package.json'))
  settings.enableAutoTranspile = false
  const plugin = new Plugin({ root: scratch, type: 'core', ignoreManifest: true })
  await plugin.load()
  writeFileSync(join(scratch, 'oclif.manifest.json'), JSON.stringify(plugin.manifest))
  try {
    renameSync(scratch, home)
  } catch {
    // Another test file was quicker.
    rmSync(scratch, { recursive: true, force: true })
  }
  return join(home, 'bin.js')
}
