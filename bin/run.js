#!/usr/bin/env node
// Runs before anything is known about the Node it runs on: keeps to syntax and modules that Node 12 has.
// biome-ignore-all lint/style/useNodejsImportProtocol: the prefix is unknown to the old Nodes that this file must tell off
// biome-ignore-all lint/complexity/useOptionalChain: likewise
import fs from 'fs'
import module from 'module'
import path from 'path'
import { fileURLToPath } from 'url'

const NEEDED = '^22.22.2 || ^24.15 || >=26'
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const argv = process.argv.slice(2)

function fits(version) {
  const parts = version.replace(/^v/, '').split('.').map(Number)
  if (parts[0] === 22) return parts[1] > 22 || (parts[1] === 22 && parts[2] >= 2)
  if (parts[0] === 24) return parts[1] >= 15
  return parts[0] >= 26
}

/** A Node that fits, installed as a package beside slipway or in a folder above it. */
function localNode() {
  const here = `${process.platform}-${process.arch}`
  for (let folder = root; ; folder = path.dirname(folder)) {
    for (const name of [`node-${here}`, `node-bin-${here}`]) {
      const home = path.join(folder, 'node_modules', name)
      const file = path.join(home, 'bin', 'node')
      try {
        const version = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8')).version
        if (fits(version) && fs.existsSync(file)) return file
      } catch (_) {
        // not there
      }
    }
    if (folder === path.dirname(folder)) return undefined
  }
}

/** Hands over to another Node: the same terminal, signals passed on, its exit code. */
function runUnder(node) {
  import('child_process').then(({ spawn }) => {
    const child = spawn(node, [path.join(root, 'bin', 'run.js'), ...argv], { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => {
        // The terminal sends Ctrl-C to both; the child decides.
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
      })
    child.on('error', (error) => fail(`slipway: ${node} does not start: ${error.message}`, 5))
    child.on('exit', (code, signal) => {
      process.exitCode = code === null ? (signal === 'SIGINT' ? 130 : 1) : code
    })
  })
}

function fail(line, code) {
  process.stderr.write(`${line}\n`)
  process.exitCode = code
}

function ownFolder(folder) {
  try {
    // One level at a time: made in one call, a folder under /proc keeps Node busy for ever.
    fs.mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  return folder
}

/** Compiled code is kept in a folder of the user alone, or nowhere. */
function keepCompiledCode() {
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && path.join(process.env.HOME, '.cache'))
  if (!base || !path.isAbsolute(base)) return
  try {
    const folder = ownFolder(path.join(ownFolder(base), 'slipway'))
    const stat = fs.lstatSync(folder)
    if (!stat.isDirectory() || stat.uid !== process.getuid()) return
    if ((stat.mode & 0o077) !== 0) fs.chmodSync(folder, 0o700)
    module.enableCompileCache(ownFolder(path.join(folder, 'compiled')))
  } catch (_) {
    // A home that cannot be written: slower, no other harm.
  }
}

function start() {
  // Warnings of Node itself are no news for the person at the terminal.
  process.removeAllListeners('warning')
  process.on('warning', () => {})
  // The shell's options are for the shell's programs, not for what slipway starts.
  delete process.env.NODE_OPTIONS
  keepCompiledCode()
  const entry = new URL('../dist/main.js', import.meta.url)
  if (!fs.existsSync(entry)) return fail('slipway: this checkout is not built yet; run `npm run build`', 1)
  import(entry.href).then((built) => built.main(argv, { root }))
}

if (argv.length === 1 && ['--version', '-v', 'version'].includes(argv[0])) {
  const version = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version
  try {
    // Without process.stdout, which takes longer to set up than all the rest.
    fs.writeSync(1, `slipway ${version} ${process.platform}-${process.arch} node-${process.version}\n`)
  } catch (_) {
    // The reader has gone.
  }
} else if (process.platform === 'win32')
  fail('slipway runs on Linux and macOS; on Windows, run it inside WSL (`wsl --install`)', 2)
else if (fits(process.versions.node)) start()
else {
  const node = localNode()
  if (node) runUnder(node)
  else fail(`slipway: Node ${process.versions.node} is too old; it needs ${NEEDED} (https://nodejs.org)`, 2)
}
