import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../../src/io/clock.ts'
import { launch } from '../../../../src/io/launch.ts'
import { markOf, markPrefix } from '../../../../src/io/marks.ts'
import { endMarked } from '../../../../src/platforms/local/supervisor/sweep.ts'
import { ask, openHouse, processes, readLog, SERVERS } from './house.ts'

type House = ReturnType<typeof openHouse>

const serving = async (house: House, digest: ReturnType<House['version']>) => {
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  return JSON.parse((await ask(house.status(digest)!.addresses[0]!)).body) as {
    argv: string[]
    env: Record<string, string>
    cwd: string
  }
}

test('what a server is started with: its places, its version’s environment, secrets; not the host’s', async () => {
  await using house = openHouse({
    hostEnvironment: {
      ...process.env,
      NODE_OPTIONS: '--insecure-http-parser',
      CI_TOKEN: 'of the host',
      LANG: 'C.UTF-8',
      HOME: '/nowhere',
    },
  })
  const digest = house.version('a', SERVERS.good, {
    command: ['node', 'app.js', '{port}', '{model}', '--at={host}:{port}', '{app}', '{version}', '{ctx}', '{other}'],
    params: { ctx: 4096 },
    env: { OMP_NUM_THREADS: '2', PORT: '1' },
  })
  writeFileSync(
    join(house.folder, 'my secrets.env'),
    '# theirs\nexport TOKEN="s p a c e # in"\nPLAIN=x y # said\nSINGLE=\'$HOME\'\n',
  )
  house.supervisor.serve('dev', [house.order(digest, {}, { envFile: 'my secrets.env' })])
  const said = await serving(house, digest)
  const { port } = house.supervisor.records().versions[0]!.replicas[0]!.process!
  const store = join(house.folder, 'store', 'aaaaaaaa')
  expect(said.argv).toEqual([
    String(port),
    join(store, 'models', 'model.txt'),
    `--at=127.0.0.1:${port}`,
    join(store, 'app'),
    digest,
    '4096',
    '{other}',
  ])
  const own = join(house.state, 'run', 'a'.repeat(16), 'dev-0')
  expect(said.env).toMatchObject({
    PORT: String(port),
    HOST: '127.0.0.1',
    MODEL_DIR: join(store, 'models'),
    MODEL_PATH: join(store, 'models', 'model.txt'),
    APP_DIR: join(store, 'app'),
    HOME: join(own, 'home'),
    TMPDIR: join(own, 'tmp'),
    LANG: 'C.UTF-8',
    OMP_NUM_THREADS: '2',
    TOKEN: 's p a c e # in',
    PLAIN: 'x y',
    SINGLE: '$HOME',
    SLIPWAY_ID: markOf(house.state, 'server', `dev/${'a'.repeat(16)}/0/1`),
  })
  expect(said.env).not.toHaveProperty('NODE_OPTIONS')
  expect(said.env).not.toHaveProperty('CI_TOKEN')
  expect(said.env).not.toHaveProperty('CUDA_VISIBLE_DEVICES')
  // Secrets are read at the start and stored nowhere.
  expect(JSON.stringify(house.supervisor.records())).not.toContain('s p a c e')
})

test('the envFile is read anew at each start; without it the version cannot start, and says so', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest, {}, { envFile: '.env' })])
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  expect(house.status(digest)).toMatchObject({
    code: 'FILE_UNREADABLE',
    why: 'serving.envFile .env does not exist; make it or remove the key',
  })
  for (const token of ['first', 'second']) {
    writeFileSync(join(house.folder, '.env'), `TOKEN=${token}`)
    house.clock.forward(30_000)
    const before = house.status(digest)!.incarnation
    await house.until('started', () => house.status(digest)!.incarnation > before)
    expect((await serving(house, digest)).env.TOKEN).toBe(token)
    process.kill(house.supervisor.records().versions[0]!.replicas[0]!.process!.pid, 'SIGKILL')
    await house.until('ended', () => house.status(digest)!.state !== 'ready')
  }
})

test('paths with blanks and letters of all kinds', async () => {
  await using house = openHouse({}, 'häuschen 模型 ‘q’ $x ')
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest)])
  const said = await serving(house, digest)
  expect(said.cwd).toBe(join(house.folder, 'store', 'aaaaaaaa', 'app'))
  expect(said.env.HOME).toContain('häuschen 模型 ‘q’ $x ')
})

test('a command that is not there: its name, and the PATH that was searched', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good, { command: ['no-such-command', '{port}'] })
  house.supervisor.serve('dev', [house.order(digest, {}, { shell: { path: '/opt/tools:/bin', command0: null } })])
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  expect(house.status(digest)).toMatchObject({ code: 'COMMAND_NOT_FOUND', incarnation: 0 })
  expect(house.status(digest)!.why).toContain('no-such-command was not found in PATH /opt/tools:/bin')
  house.supervisor.serve('dev', [house.order(digest, {}, { shell: { path: '/bin', command0: '/opt/gone/python' } })])
  house.clock.forward(1000)
  await house.until('failed anew', () => house.status(digest)?.why?.includes('/opt/gone/python'))
})

test('a script whose interpreter is missing is no bug of ours', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good, { command: ['./serve', '{port}'] })
  const script = join(house.folder, 'store', 'aaaaaaaa', 'app', 'serve')
  writeFileSync(script, '#!/no/such/interpreter\n')
  chmodSync(script, 0o755)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  expect(house.status(digest)).toMatchObject({ code: 'COMMAND_NOT_FOUND' })
})

test('a log is cut before it grows without end, and goes on after', async () => {
  await using house = openHouse({ logBytes: 64 * 1024 })
  const digest = house.version('a', SERVERS.chatty)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const { log } = house.supervisor.records().versions[0]!.replicas[0]!
  const address = house.status(digest)!.addresses[0]!
  await ask(address)
  house.clock.forward(1000)
  await house.until('cut', () => existsSync(`${log}.1`) && statSync(log).size < 64 * 1024)
  expect(statSync(`${log}.1`).size).toBeLessThanOrEqual(128 * 1024)
  expect(readFileSync(`${log}.1`, 'utf8')).toContain('line 1999')
  const size = statSync(log).size
  await ask(address)
  await house.until('written on', () => statSync(log).size > size)
  // Opened for append: no hole where the cut lines were.
  expect(readLog(house, digest)).not.toContain('\0')
})

test('prepare commands run once per version, in its own copy of the code', async () => {
  await using house = openHouse()
  const prepare = [
    ['node', '-e', 'fs.appendFileSync("made.txt", "made"); fs.appendFileSync(process.env.HOME + "/runs.txt", "once")'],
    ['./count'],
  ]
  const digest = house.version('a', SERVERS.good, { prepare })
  const app = join(house.folder, 'store', 'aaaaaaaa', 'app')
  writeFileSync(join(app, 'count'), '#!/bin/sh\necho x >> count.txt\n')
  chmodSync(join(app, 'count'), 0o555)
  mkdirSync(join(app, 'lib'))
  writeFileSync(join(app, 'lib', 'part.txt'), 'part')
  house.supervisor.serve('dev', [house.order(digest, { replicas: 2 })])
  house.supervisor.serve('staging', [house.order(digest)])
  await house.until(
    'ready',
    () => house.status(digest)?.readyReplicas === 2 && house.status(digest, 'staging')?.state === 'ready',
  )
  const said = await serving(house, digest)
  expect(said.cwd).toBe(join(house.state, 'run', 'a'.repeat(16), 'prepared'))
  const made = () =>
    ['prepared/made.txt', 'prepared/count.txt', 'prepare/runs.txt'].map((name) =>
      readFileSync(join(house.state, 'run', 'a'.repeat(16), name), 'utf8'),
    )
  expect(made()).toEqual(['made', 'x\n', 'once'])
  expect(readFileSync(join(said.cwd, 'lib', 'part.txt'), 'utf8')).toBe('part')
  expect(existsSync(join(app, 'made.txt'))).toBe(false)
  house.supervisor.serve('dev', [])
  house.supervisor.serve('staging', [])
  await house.until('stopped', () => house.status(digest)?.state === 'stopped')
  house.again().serve('dev', [house.order(digest)])
  await house.until('ready again', () => house.status(digest)?.state === 'ready')
  expect(made()).toEqual(['made', 'x\n', 'once'])
})

test('a prepare command that fails: which, how, and what it said', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good, {
    prepare: [['node', '-e', 'console.log("no lock file"); process.exit(7)']],
  })
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  expect(house.status(digest)).toMatchObject({ code: 'PREPARE_FAILED', incarnation: 0, unaskedExits: 0 })
  expect(house.status(digest)!.why).toMatch(
    /^the prepare command node -e .* exited with 7; its log ends: no lock file$/,
  )
})

test('a preparation that nobody waits for any more is ended', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good, { prepare: [['sleep', '1000']] })
  house.supervisor.serve('dev', [house.order(digest)])
  const prefix = `${markPrefix(house.state)}prepare`
  await house.until('prepares', () => processes.marked(prefix).length > 0)
  house.supervisor.serve('dev', [])
  await house.until('ended', () => processes.marked(prefix).length === 0)
  expect(house.status(digest)).toMatchObject({ state: 'stopped', code: null })
})

test('replicas: all are addresses; fewer wanted, the last ones end', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest, { replicas: 3 })])
  await house.until('three', () => house.status(digest)?.readyReplicas === 3)
  expect(new Set(house.status(digest)!.addresses).size).toBe(3)
  const first = house.supervisor.records().versions[0]!.replicas[0]!.process!
  house.supervisor.serve('dev', [house.order(digest, { replicas: 1 })])
  await house.until('one', () => house.supervisor.records().versions[0]!.replicas.length === 1)
  expect(house.status(digest)).toMatchObject({ state: 'ready', replicas: 1, readyReplicas: 1, unaskedExits: 0 })
  expect(house.supervisor.records().versions[0]!.replicas[0]!.process).toEqual(first)
})

test('stopAll leaves nothing, not even what no table knows', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.escapes)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const mark = markOf(house.state, 'server', 'lost')
  const lost = await launch(processes, {
    command: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'],
    cwd: house.folder,
    env: {},
    mark,
    log: join(house.folder, 'lost.log'),
    nice: 0,
    limits: { memoryBytes: null, cpu: null },
  })
  expect(house.marked().map(({ pid }) => pid)).toEqual([lost.pid])
  await house.supervisor.stopAll()
  expect(processes.marked(markPrefix(house.state))).toEqual([])
  expect(await endMarked(processes, systemClock, markPrefix(house.state), ['server'])).toBe(true)
})

test('stop ends the servers of one environment, escaped ones too, and no others', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.escapes)
  house.supervisor.serve('dev', [house.order(digest)])
  house.supervisor.serve('other', [house.order(digest)])
  const ready = (environment: string) => house.status(digest, environment)?.state === 'ready'
  await house.until('both ready', () => ready('dev') && ready('other'))
  await house.supervisor.stop('dev', { graceMs: 0 })
  expect(house.status(digest)?.state).toBe('stopped')
  expect(house.status(digest, 'other')).toMatchObject({ state: 'ready', incarnation: 1, unaskedExits: 0 })
  expect((await ask(house.status(digest, 'other')!.addresses[0]!)).body).toBe('ok')
  const server = (environment: string) => markOf(house.state, 'server', `${environment}/`)
  expect(processes.marked(server('dev'))).toEqual([])
  expect(processes.marked(server('other')).length).toBeGreaterThan(0)
})
