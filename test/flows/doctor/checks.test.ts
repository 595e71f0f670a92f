import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ERRORS, SlipwayError } from '../../../src/errors.ts'
import { CHECKS } from '../../../src/flows/doctor/index.ts'
import { doctor } from '../../../src/flows/doctor.ts'
import { pack } from '../../../src/flows/pack.ts'
import { memoryFiles } from '../../../src/io/files.ts'
import type { JournalLook } from '../../../src/io/journal-look.ts'
import type { JournalRow } from '../../../src/record/entries.ts'
import { diagnosisText } from '../../../src/view/doctor.ts'
import { scratch } from '../../cli/run.ts'
import { project, safetensorsFile } from '../project.ts'
import { context, NOW, type Over, withEnvironment } from './context.ts'

const SOUND: JournalLook = { version: 1, damage: null, lastAt: NOW - 1, wentBackMs: 0, snapshots: {}, since: [] }
const journal = (over: Partial<JournalLook>) => ({ journal: { ...SOUND, ...over } })
const marked = (kind: string, pid = 71) => ({ pid, startTime: 's', mark: `x:${kind}:a`, kind })
const UP: JournalRow = {
  seq: 1,
  at: NOW,
  kind: 'settings',
  environment: 'dev',
  release: '',
  data: { settings: null, up: true },
}
const holder = (pid: number | null) => ({
  holder: (port: number) => (port === 7070 ? { address: '127.0.0.1', port, pid } : null),
  nameOf: () => 'nginx',
  signal: () => {},
  identify: () => null,
})
const invalid = new SlipwayError('CONFIG_INVALID', 'slipway.yaml:3:1: modell: unknown key')
const machine = (fileSystem: string) => ({ machine: { fileSystem: () => fileSystem } })

async function findings(over: Over, check: string) {
  const { checks } = await doctor(context(over), false)
  return checks.filter((one) => one.check === check && one.outcome !== 'ok')
}

/** Each check with what it must see, and what it says. */
const SEEN: readonly [
  check: string,
  what: string,
  over: () => Over | Promise<Over>,
  code: string | null,
  text: RegExp,
][] = [
  [
    'node',
    'too old',
    () => ({ environment: { ...context().environment, node: { path: '/n', version: '22.10.0' } } }),
    'PLATFORM_UNSUPPORTED',
    /Node 22\.10\.0/,
  ],
  [
    'node',
    'an odd one',
    () => ({ environment: { ...context().environment, node: { path: '/n', version: '25.1.0' } } }),
    'PLATFORM_UNSUPPORTED',
    /25\.1\.0/,
  ],
  ['config', 'not valid', () => ({ config: null, configError: invalid }), 'CONFIG_INVALID', /modell/],
  ['file-system', 'NFS', () => machine('nfs4'), 'FILE_SYSTEM', /nfs4/],
  ['file-system', 'sshfs', () => machine('fuse.sshfs'), 'FILE_SYSTEM', /fuse\.sshfs/],
  [
    'permissions',
    'open to others',
    async () => {
      const files = memoryFiles()
      await files.folder('/p/.slipway', 0o755)
      return { files }
    },
    'PERMISSION',
    /\.slipway has mode 0755, not 0700/,
  ],
  [
    'permissions',
    'a token to be read',
    async () => {
      const files = memoryFiles()
      await files.folder('/p/.slipway')
      await files.write('/p/.slipway/control-token', 'x', { mode: 0o644 })
      return { files }
    },
    'PERMISSION',
    /control-token has mode 0644/,
  ],
  ['disk', 'full', () => ({ files: memoryFiles(2 ** 20) }), 'NO_SPACE', /1\.0 MiB are free/],
  ['disk', 'nearly full', () => ({ files: memoryFiles(500 * 2 ** 20) }), null, /500 MiB/],
  [
    'journal',
    'damaged',
    () => ({ state: journal({ damage: 'row 7 missing from index' }) }),
    'JOURNAL_DAMAGED',
    /row 7/,
  ],
  ['journal', 'of a newer slipway', () => ({ state: journal({ version: 9 }) }), 'JOURNAL_NEWER', /version 9/],
  [
    'ports',
    'held by a stranger',
    () => ({ processes: holder(12) }),
    'PORT_TAKEN',
    /dev listen 127\.0\.0\.1:7070 is held by nginx \(pid 12\)/,
  ],
  ['ports', 'held by who cannot be seen', () => ({ processes: holder(null) }), 'PORT_TAKEN', /cannot be seen/],
  ['host', 'mute', () => ({ state: { marked: [marked('host')] } }), 'HOST_UNREACHABLE', /pid 71/],
  ['host', 'missing', () => ({ state: journal({ since: [UP] }) }), null, /dev should be up/],
  ['leftovers', 'a server that no record knows', () => ({ state: { marked: [marked('server')] } }), null, /pid 71/],
  [
    'leftovers',
    'a data plane that no record knows',
    () => ({ state: { marked: [marked('data-plane')] } }),
    null,
    /pid 71/,
  ],
  [
    'leftovers',
    'a socket',
    () => ({ state: { sockets: { dead: ['/run/host.sock'], host: false } } }),
    null,
    /host\.sock/,
  ],
  ['leftovers', 'an evaluation', () => ({ state: { evaluations: { folders: 1, processes: 2 } } }), null, /2 processes/],
  ['open-files', 'few', () => ({ machine: { openFiles: () => 1024 } }), null, /1,024 files.*2,688/],
  [
    'limits',
    'polling, where limits are asked for',
    () => ({ limits: 'polling' as const, config: withEnvironment({ memoryBytes: 2 ** 30 }) }),
    null,
    /polling/,
  ],
  [
    'gpus',
    'none, where one is asked for',
    () => ({ config: withEnvironment({ gpu: { cards: 1 } }) }),
    'CAPACITY',
    /nvidia-smi lists none/,
  ],
  ['gpus', 'a driver without cards', () => ({ machine: { cardDriver: () => true } }), null, /driver/],
  ['clock', 'behind the journal', () => ({ state: journal({ lastAt: NOW + 7_200_000 }) }), null, /2h in the future/],
  ['clock', 'that went back', () => ({ state: journal({ wentBackMs: 90_000 }) }), null, /went back by 1m30s/],
  [
    'home',
    'unset',
    () => ({ environment: { ...context().environment, home: null, cacheFolder: () => null } }),
    'HOME_UNUSABLE',
    /HOME is not set/,
  ],
  [
    'home',
    'read-only',
    () => ({ environment: { ...context().environment, cacheFolder: () => null } }),
    'HOME_UNUSABLE',
    /cannot be written/,
  ],
]

describe('each check sees what it is for', () => {
  for (const [check, what, over, code, text] of SEEN)
    it(`${check}: ${what}`, async () => {
      const [found, ...more] = await findings(await over(), check)
      expect(more).toEqual([])
      expect(found).toMatchObject({ outcome: code === null ? 'warn' : 'fail', code, remedy: expect.any(String) })
      expect(found!.text).toMatch(text)
    })

  it('of all kinds', () => {
    const seen = new Set([...SEEN.map(([check]) => check), 'store'])
    expect(CHECKS.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([])
  })

  it('store: a file that is gone, one cut short, a version that cannot be read', async () => {
    const folder = scratch()
    const { config, tools } = await project(
      folder,
      { 'model/m.safetensors': safetensorsFile({ a: { dtype: 'U8', shape: [9] } }) },
      ['node'],
    )
    const { files, store } = tools
    const damage = async () =>
      (await findings({ files, state: { store, folder: join(folder, '.slipway') } }, 'store')).map(({ code, text }) => [
        code,
        text,
      ])
    const { version } = await pack(tools, config)
    expect(await damage()).toEqual([])
    const blob = store.blob(version.files[0]!.sha256)
    await files.write(blob, 'short')
    expect(await damage()).toEqual([
      ['STORE_DAMAGED', expect.stringMatching(/^digits:v1: models\/m.safetensors has 5 bytes, not /)],
    ])
    await files.remove(blob)
    expect(await damage()).toEqual([['STORE_DAMAGED', 'digits:v1: models/m.safetensors is missing']])
    await files.write(join(store.folder, 'versions', `${version.digest.slice(7)}.json`), 'no JSON')
    expect(await damage()).toMatchObject([['STORE_DAMAGED', expect.stringContaining('digits:v1')]])
  })

  it('and nothing on a sound machine', async () => {
    const files = memoryFiles()
    await files.folder('/p/.slipway')
    const { checks, leftOut, exit } = await doctor(context({ files, state: journal({}) }), false)
    expect(checks.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
    expect({ leftOut, exit }).toEqual({ leftOut: [], exit: 0 })
    // Its own data plane is no stranger, and what runs as recorded is no leftover.
    const own = {
      ...journal({ snapshots: { 'data-plane:dev': { pid: 12 } } }),
      marked: [marked('data-plane', 12), marked('train'), marked('load')],
      sockets: { dead: [], host: true },
    }
    expect((await doctor(context({ files, state: own, processes: holder(12) }), false)).exit).toBe(0)
  })
})

describe('the whole', () => {
  it('goes on where one check cannot be made', async () => {
    const files = { ...memoryFiles(), free: () => Promise.reject(new SlipwayError('PERMISSION', 'not permitted')) }
    const { checks, exit } = await doctor(context({ files }), false)
    expect(checks.find(({ check }) => check === 'disk')).toMatchObject({ code: 'PERMISSION', text: 'not permitted' })
    expect({ exit, last: checks.at(-1)?.check }).toEqual({ exit: 4, last: 'home' })
  })

  it('exits as the first failure, and says what was left out', async () => {
    const none = new SlipwayError('CONFIG_NOT_FOUND', 'there is no slipway.yaml')
    const bare = await doctor(context({ config: null, configError: none, state: null }), false)
    expect(bare.exit).toBe(0)
    expect(bare.leftOut.map(({ check }) => check)).toEqual([
      'config',
      'permissions',
      'journal',
      'store',
      'ports',
      'host',
      'leftovers',
    ])
    expect(diagnosisText(bare, { width: null, colour: false, unicode: true })).toContain(
      'left out, for there is no .slipway yet: permissions, journal, store, host, leftovers',
    )
    const two = await doctor(context({ processes: holder(1), state: journal({ version: 9 }) }), false)
    expect(two.exit).toBe(ERRORS.JOURNAL_NEWER.exit)
    expect((await doctor(context({ processes: holder(1) }), false)).exit).toBe(5)
  })

  it('mends only with --fix, what has a mending, and looks again', async () => {
    const files = memoryFiles()
    await files.folder('/p/.slipway', 0o755)
    const did: string[] = []
    const over: Over = {
      files,
      machine: {
        chmod: (path, mode) => void did.push(`chmod ${mode.toString(8)} ${path}`),
        removeFile: (path) => void did.push(`rm ${path}`),
      },
      processes: { ...holder(3), signal: (who, signal) => void did.push(`${signal} ${who.map((w) => w.pid)}`) },
      state: { marked: [marked('server')], sockets: { dead: ['/run/host.sock'], host: false } },
    }
    await doctor(context(over), false)
    expect(did).toEqual([])
    const { checks } = await doctor(context(over), true)
    expect(did).toEqual(['chmod 700 /p/.slipway', 'SIGKILL 71', 'rm /run/host.sock'])
    expect(checks.filter(({ fixed }) => fixed !== null).map(({ check, fixed }) => [check, fixed])).toEqual([
      ['permissions', 'gave .slipway the mode 0700'],
      ['leftovers', 'ended 1 processes; removed host.sock'],
    ])
  })
})
