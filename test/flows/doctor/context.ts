/** A sound machine and project, of which a test makes one thing unsound. */

import type { Config, ResourcesConfig } from '../../../src/config/types.ts'
import type { Context, State } from '../../../src/flows/doctor/check.ts'
import { memoryClock } from '../../../src/io/clock.ts'
import { memoryFiles } from '../../../src/io/files.ts'
import { openStore } from '../../../src/io/store.ts'
import { configOf } from '../project.ts'

export const NOW = Date.UTC(2026, 0, 2)

export type Over = Partial<Omit<Context, 'state' | 'machine'>> & {
  readonly machine?: Partial<Context['machine']>
  readonly state?: Partial<State> | null
}

const DEV = {
  name: 'dev',
  platform: 'local',
  listen: { host: '127.0.0.1', port: 7070 },
  control: { host: '127.0.0.1', port: 7071 },
  limits: { inFlight: 512, queue: 512, bodyBytes: 2 ** 20 },
  timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1 },
  baseline: null,
  notify: null,
} as const

/** A configuration with one environment. */
export function withEnvironment(resources: Partial<ResourcesConfig>): Config {
  const config = configOf('/p', ['server'])
  const serving = { ...config.serving, resources: { ...config.serving.resources, ...resources } }
  return { ...config, environments: { dev: { ...DEV, serving, release: config.release } } }
}

export function context(over: Over = {}): Context {
  const files = over.files ?? memoryFiles()
  const state: State | null =
    over.state === null
      ? null
      : {
          folder: '/p/.slipway',
          store: openStore(files, '/p/.slipway/store'),
          journal: null,
          knownJournal: 1,
          sockets: { dead: [], host: false },
          marked: [],
          evaluations: { folders: 0, processes: 0 },
          endEvaluations: () => 0,
          ...over.state,
        }
  return {
    environment: {
      cwd: '/p',
      platform: 'linux',
      node: { path: '/node', version: '24.15.0' },
      home: '/home',
      cacheFolder: () => '/home/.cache/slipway',
    },
    clock: { ...memoryClock(NOW), sleep: async () => {} },
    processes: { holder: () => null, nameOf: () => null, signal: () => {}, identify: () => null },
    cards: async () => 0,
    limits: 'cgroup',
    config: withEnvironment({}),
    configError: null,
    again: async () => state!,
    ...over,
    files,
    state,
    machine: {
      openFiles: () => 100_000,
      fileSystem: () => 'ext4',
      cardDriver: () => false,
      answers: async () => false,
      chmod: () => {},
      removeFile: () => {},
      ...over.machine,
    },
  }
}
