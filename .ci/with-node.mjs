// Runs the project's own scripts: installs what is missing, then goes on under a Node that fits `engines`.
// It must itself run on any Node >= 20 with nothing installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const say = (line) => process.stderr.write(`${line}\n`)
const fail = (line, code = 1) => {
  say(line)
  process.exit(code)
}

/** True where node_modules is missing or older than the lockfile (npm writes .package-lock.json last). */
function stale() {
  const mark = join(root, 'node_modules', '.package-lock.json')
  return !existsSync(mark) || statSync(mark).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs
}

function install() {
  say('slipway: installing development dependencies (npm ci) …')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts']
  const run = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (run.status !== 0) fail('slipway: npm ci failed; see the lines above', run.status ?? 1)
}

const fits = (version) => {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number)
  if (major === 22) return minor > 22 || (minor === 22 && patch >= 2)
  if (major === 24) return minor >= 15
  return major >= 26
}

const SCRIPTS = JSON.parse(readFileSync(join(root, '.ci', 'scripts.json'), 'utf8'))
const [name, ...rest] = process.argv.slice(2)
const steps = SCRIPTS[name ?? '']
if (!steps) fail(`slipway: no script ${JSON.stringify(name)}; known: ${Object.keys(SCRIPTS).join(', ')}`, 2)
if (stale()) install()

const local = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]
  .map((pkg) => join(root, 'node_modules', pkg, 'bin', 'node'))
  .find((path) => existsSync(path))
const node = local ?? (fits(process.version) ? process.execPath : undefined)
if (!node)
  fail(
    `slipway: Node ${process.version} does not fit (^22.22.2 || ^24.15 || >=26) and none is installed for ${process.platform}-${process.arch}`,
  )
const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
if (!fits(version)) fail(`slipway: ${node} is ${version}; the project needs ^22.22.2 || ^24.15 || >=26`)

const env = { ...process.env, PATH: `${dirname(node)}:${join(root, 'node_modules', '.bin')}:${process.env.PATH}` }
delete env.NODE_OPTIONS
delete env.npm_config_prefix
for (const [index, step] of steps.entries()) {
  const args = step.map((part) => (part === '{node}' ? node : part))
  const last = index === steps.length - 1
  const run = spawnSync(args[0], [...args.slice(1), ...(last ? rest : [])], { cwd: root, stdio: 'inherit', env })
  if (run.status !== 0) process.exit(run.status ?? 1)
}
