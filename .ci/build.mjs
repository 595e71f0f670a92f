// Bundles the commands, the host and the data plane into dist/: no runtime dependency is left.
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : path.endsWith('.ts') ? [path] : []
  })

const src = join(root, 'src')
const out = join(root, 'dist')
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22.22',
  format: 'esm',
  outbase: src,
  outdir: out,
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS dependencies ask for node:* through require.
  banner: {
    js: "import{createRequire as __slipwayRequire}from'node:module';const require=__slipwayRequire(import.meta.url);",
  },
}
rmSync(out, { recursive: true, force: true })
const entries = [join(src, 'main.ts'), ...walk(join(src, 'commands'))].filter((path) =>
  statSync(path, { throwIfNoEntry: false }),
)
const commands = await build({
  ...shared,
  entryPoints: entries,
  splitting: true,
  metafile: true,
  chunkNames: 'chunks/[name]-[hash]',
})
// Long-lived processes are single files: a new version on disk must not pull code away under them.
const lived = walk(join(src, 'entries'))
const daemons =
  lived.length > 0
    ? await build({ ...shared, entryPoints: lived, splitting: false, metafile: true })
    : { metafile: { inputs: {} } }
writeFileSync(
  join(out, 'bundled.json'),
  JSON.stringify(
    [
      ...new Set(
        [...Object.keys(commands.metafile.inputs), ...Object.keys(daemons.metafile.inputs)]
          .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
          .filter(Boolean),
      ),
    ].sort(),
  ),
)
console.error(`built ${relative(root, out)}/ (${entries.length} commands, ${lived.length} entries)`)
