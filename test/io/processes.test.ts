import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/io/clock.ts'
import { endFamily, launch, overMemory } from '../../src/io/launch.ts'
import { findLimiter } from '../../src/io/limits.ts'
import { findCommand, systemProcesses } from '../../src/io/processes.ts'
import type { StartSpec } from '../../src/io/processes-contract.ts'
import {
  linuxReading,
  parseSocketAddress,
  parseSockets,
  parseStat,
  sumKilobytes,
} from '../../src/io/processes-linux.ts'
import { parseListeners, parseMarks, parseTable, psReading } from '../../src/io/processes-ps.ts'

const processes = systemProcesses()
const IDLE = 'setInterval(() => {}, 1e6)'
let folder = ''
let mark = ''
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'pro cesses '))
  mark = `test:server:${folder.slice(-6)}`
})
afterEach(async () => {
  for (let left = 1; left > 0; ) {
    const found = processes.marked(mark)
    processes.signal(found, 'SIGKILL')
    left = found.length
    await systemClock.sleep(5)
  }
  rmSync(folder, { recursive: true, force: true })
})

const log = () => join(folder, 'out.log')
const node = (code: string, more: Partial<StartSpec> = {}): StartSpec => ({
  command: [process.execPath, '-e', code],
  cwd: folder,
  env: { SLIPWAY_ID: mark, PATH: process.env.PATH ?? '' },
  log: log(),
  nice: 0,
  cgroup: null,
  ...more,
})
async function until<T>(look: () => T | null | undefined | false): Promise<T> {
  for (const end = systemClock.mono() + 10_000; systemClock.mono() < end; await systemClock.sleep(10)) {
    const found = look()
    if (found) return found
  }
  throw new Error('never happened')
}

describe('starting', () => {
  test('stdout and stderr go to the end of a file of one’s own; the exit is told', async () => {
    writeFileSync(log(), 'before\n')
    const started = await processes.start(node('console.log("out"); console.error("err"); process.exit(3)'))
    expect(await started.exited).toEqual({ code: 3, signal: null })
    expect(readFileSync(log(), 'utf8')).toBe('before\nout\nerr\n')
    expect(processes.alive(started)).toBe(false)
  })

  test('what cannot be executed is refused', async () => {
    await expect(processes.start(node('', { command: [join(folder, 'nothing')] }))).rejects.toMatchObject({
      code: 'ENOENT',
    })
    writeFileSync(join(folder, 'plain'), 'text')
    await expect(processes.start(node('', { command: [join(folder, 'plain')] }))).rejects.toMatchObject({
      code: 'EACCES',
    })
  })

  test('a pid alone is no identity', async () => {
    const started = await processes.start(node(IDLE))
    expect(processes.alive(started)).toBe(true)
    expect(processes.alive({ pid: started.pid, startTime: 'another:1' })).toBe(false)
    processes.signal([{ pid: started.pid, startTime: 'another:1' }], 'SIGKILL')
    await systemClock.sleep(50)
    expect(processes.alive(started)).toBe(true)
    processes.signal([started], 'SIGKILL')
    expect(await started.exited).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('nice holds for the command', async () => {
    const started = await processes.start(node(IDLE, { nice: 7 }))
    await until(() => getPriority(started.pid) - getPriority() === 7)
  })

  test('the environment is the one given and no other', async () => {
    const started = await processes.start(
      node('console.log(JSON.stringify(process.env))', { env: { SLIPWAY_ID: mark, A: 'b' } }),
    )
    await started.exited
    expect(JSON.parse(readFileSync(log(), 'utf8'))).toEqual({ SLIPWAY_ID: mark, A: 'b' })
  })
})

describe('families', () => {
  test('children, and those that left group and parent, belong to it; zombies and strangers do not', async () => {
    const code = `const cp = require("node:child_process");
      cp.spawn(process.execPath, ["-e", ${JSON.stringify(IDLE)}], { env: {} });
      cp.spawn("setsid", ["-f", process.execPath, "-e", ${JSON.stringify(IDLE)}]);
      ${IDLE}`
    const started = await processes.start(node(code))
    const stranger = await processes.start(node(IDLE, { env: { SLIPWAY_ID: `${mark}0` } }))
    // The one that leaves is a child until its parent has gone.
    const family = await until(() => {
      const found = processes.family(started, mark)
      const settled = processes.descendants(started).length === 2
      return found.length === 3 && settled && processes.marked(mark).length >= 3 && found
    })
    expect(family.map(({ pid }) => pid)).not.toContain(stranger.pid)
    expect(processes.descendants(started).length).toBe(2)
    processes.signal([started], 'SIGKILL')
    await started.exited
    // Its group and its mark find the others after its death.
    expect(processes.family(started, mark).length).toBe(2)
    expect(endFamily(processes, { ...started, mark, cgroup: null }, 'SIGKILL')).toBe(2)
    await until(() => processes.family(started, mark).length === 0)
    expect(processes.alive(stranger)).toBe(true)
  })

  test('what listens, and who', async () => {
    const server =
      'require("node:http").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })'
    const started = await processes.start(node(server))
    const port = Number(await until(() => readFileSync(log(), 'utf8').trim()))
    expect(processes.listeners([started.pid])).toEqual([{ address: '127.0.0.1', port, pid: started.pid }])
    expect(processes.holder(port)).toEqual({ address: '127.0.0.1', port, pid: started.pid })
    expect(processes.nameOf(started.pid)).toBe('node')
    expect(processes.connections(port)).toBe(0)
    processes.signal([started], 'SIGKILL')
    await started.exited
    expect(processes.holder(port)).toBeNull()
  })

  test('memory that a tree holds; none is looked at where a cgroup keeps the limit', async () => {
    const MIB = 2 ** 20
    const limits = { memoryBytes: 100 * MIB, cpu: null }
    const code = `const b = Buffer.alloc(200 * 2 ** 20, 1); console.log("full"); ${IDLE}`
    const launched = await launch(processes, { ...node(code), mark, limits })
    await until(() => readFileSync(log(), 'utf8').includes('full'))
    expect(overMemory(processes, launched, 100 * MIB, false)).toBeGreaterThan(200 * MIB)
    expect(overMemory(processes, launched, 100 * MIB, true)).toBeGreaterThan(200 * MIB)
    expect(overMemory(processes, launched, 400 * MIB, false)).toBeNull()
    expect(overMemory(processes, { ...launched, cgroup: '/some/group' }, 1, true)).toBeNull()
  })
})

test('a command is found as the shell would find it', () => {
  for (const name of ['one', 'two']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'one', 'tool'), '')
  writeFileSync(join(folder, 'two', 'tool'), '')
  chmodSync(join(folder, 'two', 'tool'), 0o755)
  mkdirSync(join(folder, 'one', 'folder'))
  const path = `${join(folder, 'one')}:${join(folder, 'two')}`
  expect(findCommand('tool', path, '/')).toBe(join(folder, 'two', 'tool'))
  expect(findCommand('./two/tool', '', folder)).toBe(join(folder, 'two', 'tool'))
  expect(findCommand('folder', path, '/')).toBeNull()
  expect(findCommand('', path, '/')).toBeNull()
  expect(findCommand('tool', '', folder)).toBeNull()
})

describe('what /proc says', () => {
  test('a name with blanks and parentheses, a zombie', () => {
    const rest = '7 8 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 200'
    expect(parseStat(`42 (a) S 1 (b)) S ${rest}`, 'boot')).toEqual({
      pid: 42,
      startTime: 'boot:98765',
      parent: 7,
      group: 8,
    })
    expect(parseStat(`42 (node) Z ${rest}`, 'boot')).toBeNull()
    expect(parseStat('', 'boot')).toBeNull()
  })

  test('addresses', () => {
    expect(parseSocketAddress('0100007F:1F90')).toEqual({ address: '127.0.0.1', port: 8080 })
    expect(parseSocketAddress('00000000000000000000000001000000:0050')).toEqual({ address: '::1', port: 80 })
    expect(parseSocketAddress(`${'0'.repeat(32)}:0050`)).toEqual({ address: '::', port: 80 })
    expect(parseSocketAddress('0000000000000000FFFF00000100007F:0050')).toEqual({ address: '127.0.0.1', port: 80 })
    expect(parseSocketAddress('B80D0120000000000000000001000000:0050').address).toBe('2001:db8:0:0:0:0:0:1')
  })

  test('only sockets in the state asked for', () => {
    const line = (state: string, inode: number) => `   0: 0100007F:1F90 00000000:0000 ${state} 0:0 0:0 0 0 0 ${inode} 1`
    const table = ['  sl  local_address', line('0A', 11), line('01', 12), line('06', 13), ''].join('\n')
    expect(parseSockets(table, '0A')).toEqual([{ address: '127.0.0.1', port: 8080, inode: '11' }])
    expect(parseSockets(table, '01').map(({ inode }) => inode)).toEqual(['12'])
  })

  test('memory lines are summed; without any there is no sum', () => {
    expect(sumKilobytes('RssAnon:\t  10 kB\nRssFile:\t 99 kB\nRssShmem:\t 2 kB\n', ['RssAnon', 'RssShmem'])).toBe(
      12 * 1024,
    )
    expect(sumKilobytes('Name:\tnode\n', ['RssAnon'])).toBeNull()
  })
})

test('pages that forked workers share count once, where the quick sum is above the limit', () => {
  for (const pid of [7, 8]) {
    mkdirSync(join(folder, `${pid}`))
    writeFileSync(join(folder, `${pid}`, 'status'), 'RssAnon:\t100 kB\nRssFile:\t900 kB\nRssShmem:\t20 kB\n')
    writeFileSync(
      join(folder, `${pid}`, 'smaps_rollup'),
      'Rss: 1020 kB\nPss: 500 kB\nPss_Anon: 51 kB\nPss_File: 400 kB\nPss_Shmem: 10 kB\n',
    )
  }
  const reading = linuxReading(folder)
  expect(reading.memoryHeld([7, 8], 1024 * 1024)).toBe(240 * 1024)
  expect(reading.memoryHeld([7, 8], 200 * 1024)).toBe(122 * 1024)
  expect(reading.memoryHeld([7], 1024)).toBe(120 * 1024)
})

describe('what ps and lsof say', () => {
  const table = [
    '    1     0     1 Ss    1000 Thu Nov 20 09:00:00 2025',
    '  700     1   700 S+  204800 Thu Nov 20 10:11:12 2025',
    '  701   700   700 S   102400 Thu Nov 20 10:11:13 2025',
    '  702     1   702 Z        0 Thu Nov 20 10:11:14 2025',
  ].join('\n')

  test('rows; zombies are none', () => {
    expect(parseTable(table).map(({ pid }) => pid)).toEqual([1, 700, 701])
    expect(parseTable(table)[1]).toMatchObject({
      parent: 1,
      group: 700,
      startTime: 'Thu Nov 20 10:11:12 2025',
      rssBytes: 200 * 2 ** 20,
    })
  })

  test('marks stand behind the arguments; listeners behind their process', () => {
    expect(parseMarks('  700 node app.js PATH=/bin SLIPWAY_ID=p:server:x HOME=/h\n  701 node', 'p:')).toEqual([
      { pid: 700, mark: 'p:server:x' },
    ])
    expect(parseListeners('p700\nf21\nn127.0.0.1:5000\nn*:5001\np701\nn[::1]:5002\n')).toEqual([
      { address: '127.0.0.1', port: 5000, pid: 700 },
      { address: '::', port: 5001, pid: 700 },
      { address: '::1', port: 5002, pid: 701 },
    ])
  })

  test('a reading made of them', () => {
    const reading = psReading((command, args) => {
      if (command === 'lsof') return 'p701\nn*:5001\n'
      if (args.includes('-axEww')) return '  700 node SLIPWAY_ID=p:server:x\n'
      return args[0] === '-p'
        ? table
            .split('\n')
            .filter((line) => line.trim().startsWith(args[1]!))
            .join('\n')
        : table
    })
    const root = { pid: 700, startTime: 'Thu Nov 20 10:11:12 2025' }
    expect(reading.identify(700)).toEqual(root)
    expect(reading.identify(702)).toBeNull()
    expect(reading.descendants(root).map(({ pid }) => pid)).toEqual([700, 701])
    expect(reading.descendants({ pid: 700, startTime: 'another day' })).toEqual([])
    expect(reading.marked('p:')).toEqual([{ ...root, mark: 'p:server:x' }])
    expect(reading.memoryHeld([700, 701], 0)).toBe(300 * 2 ** 20)
    expect(reading.holder(5001)).toEqual({ address: '::', port: 5001, pid: 701 })
    expect(reading.holder(5002)).toBeNull()
    expect(reading.connections(5001)).toBeNull()
  })
})

describe('cgroups', () => {
  const own = '/user.slice/app.slice/shell.scope'
  /** A tree like /sys/fs/cgroup, in which `handing` hands controllers to its children. */
  const tree = (handing: string | null) => {
    const mount = join(folder, 'cgroup')
    for (const path of ['', '/user.slice', '/user.slice/app.slice', own]) {
      mkdirSync(join(mount, path), { recursive: true })
      writeFileSync(join(mount, path, 'cgroup.controllers'), 'cpu memory pids')
      writeFileSync(join(mount, path, 'cgroup.procs'), '')
      writeFileSync(join(mount, path, 'cgroup.subtree_control'), path === handing ? 'cpu memory' : '')
    }
    writeFileSync(join(folder, 'self'), `1:name=systemd:/x\n0::${own}\n`)
    return { mount, limiter: findLimiter(mount, join(folder, 'self')) }
  }

  test('limits are written into a group of its own, which the command joins before it begins', async () => {
    const { mount, limiter } = tree('/user.slice/app.slice')
    expect(limiter.kind).toBe('cgroup')
    const limits = { memoryBytes: 2 ** 30, cpu: 1.5 }
    const launched = await launch(processes, { ...node('process.exit(0)'), mark, limits }, limiter)
    await launched.exited
    const group = join(mount, '/user.slice/app.slice', `slipway-${mark.replaceAll(':', '-')}`)
    expect(launched.cgroup).toBe(group)
    const written = (name: string) => readFileSync(join(group, name), 'utf8').trim()
    expect(written('memory.max')).toBe(String(2 ** 30))
    expect(written('cpu.max')).toBe('150000 100000')
    expect(written('memory.oom.group')).toBe('1')
    expect(written('cgroup.procs')).toBe(String(launched.pid))
    writeFileSync(join(group, 'memory.events'), 'low 0\noom 2\noom_kill 1\n')
    expect(limiter.memoryKills(group)).toBe(1)
    expect(limiter.group('free', { memoryBytes: null, cpu: null })).toBeNull()
  })

  test('nothing delegated, no cgroup v2, or no own group: polling', () => {
    expect(tree(null).limiter.kind).toBe('polling')
    expect(findLimiter(join(folder, 'none'), join(folder, 'self')).kind).toBe('polling')
    const { mount } = tree('/user.slice/app.slice')
    writeFileSync(join(folder, 'self'), '4:memory:/x\n')
    expect(findLimiter(mount, join(folder, 'self')).kind).toBe('polling')
  })

  test('without a cgroup a limit on processors is kept by priority', async () => {
    const launched = await launch(processes, { ...node(IDLE), mark, limits: { memoryBytes: null, cpu: 1 } })
    await until(() => getPriority(launched.pid) - getPriority() === 5)
  })
})
