// Bundles the commands, the host and the data plane into dist/: no runtime dependency is left.
// Built beside and moved into place at the end, so that a failed build leaves the last one.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { lean } from './lean.mjs'
import { writeNotices } from './notices.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const src = join(root, 'src')
const dist = join(root, 'dist')
const scratch = join(root, 'node_modules', '.cache', 'slipway', `build-${process.pid}`)
const out = join(scratch, 'dist')

const walk = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name)
        return entry.isDirectory() ? walk(path) : path.endsWith('.ts') ? [path] : []
      })
    : []

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22.22',
  format: 'esm',
  outbase: src,
  outdir: out,
  // Names stay as they are: to keep them beside short ones takes a call per function at each start.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  // oclif looks for a compiler only where it may transpile, which slipway never lets it.
  external: ['typescript'],
  plugins: [lean],
  logLevel: 'warning',
  // The build for browsers is one ES module: it loads in half the time.
  alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
  metafile: true,
  // CommonJS dependencies ask for node:* through require.
  banner: {
    js: "import{createRequire as __slipwayRequire}from'node:module';const require=__slipwayRequire(import.meta.url);",
  },
}

try {
  mkdirSync(out, { recursive: true })
  const commands = walk(join(src, 'commands'))
  const built = await build({
    ...shared,
    entryPoints: [join(src, 'main.ts'), ...commands],
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  })
  // Long-lived processes are single files: a new version on disk must not pull code away under them.
  const entries = walk(join(src, 'entries'))
  const lived = await build({ ...shared, entryPoints: entries, splitting: false })
  const bundled = writeNotices(root, out, [built.metafile, lived.metafile])
  if (existsSync(dist)) renameSync(dist, join(scratch, 'former'))
  renameSync(out, dist)
  console.error(`built dist/ (${commands.length} commands, ${entries.length} entries, code of ${bundled} packages)`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
