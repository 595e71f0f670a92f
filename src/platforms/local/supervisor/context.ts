/** What versions and replicas of one supervisor share. */
import { join } from 'node:path'
import type { LaunchedRef } from '../../../io/launch.ts'
import type { Dealt } from '../gpus.ts'
import type { LaidOut, SupervisorEvent, SupervisorOptions } from './types.ts'

export interface Context {
  readonly options: SupervisorOptions
  readonly logBytes: number
  /** Set-ups under way, by digest: environments share them. */
  readonly setups: Map<string, Promise<LaidOut>>
  /** Prepare commands that run now, by digest; `until` is monotonic, ms. */
  readonly preparations: Map<string, LaunchedRef & { readonly log: string; readonly until: number }>
  /** Ports that replicas use or are about to use. */
  readonly ports: () => ReadonlySet<number>
  readonly dealt: () => readonly Dealt[]
  readonly emit: (event: Omit<SupervisorEvent, 'at'>) => void
  /** Lets work go on beside the ticks; `settled` waits for it. It must not reject. */
  readonly background: (work: Promise<void>) => void
}

/** Short name of a version in paths and marks. */
export const shortDigest = (digest: string): string => digest.replace('sha256:', '').slice(0, 16)

/** Where a version's files for serving lie. */
export const runFolder = (stateFolder: string, digest: string): string => join(stateFolder, 'run', shortDigest(digest))

/** Log of a replica; `null`: of the version's prepare commands. */
export const logFile = (stateFolder: string, environment: string, digest: string, replica: number | null): string =>
  join(stateFolder, 'logs', `${encodeURIComponent(environment)}-${shortDigest(digest)}-${replica ?? 'prepare'}.log`)
