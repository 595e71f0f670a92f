/** What a check of `doctor` sees and says. */
import type { Config } from '../../config/types.ts'
import type { ErrorCode, SlipwayError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import type { Environment } from '../../io/environment.ts'
import type { Files } from '../../io/files.ts'
import type { JournalLook } from '../../io/journal-look.ts'
import type { LimitsKind } from '../../io/limits.ts'
import type { Machine } from '../../io/machine.ts'
import type { MarkedProcess, Processes } from '../../io/processes-contract.ts'
import type { Store } from '../../io/store-contract.ts'

export interface Context {
  readonly environment: Pick<Environment, 'cwd' | 'node' | 'home' | 'cacheFolder' | 'platform'>
  readonly files: Files
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly machine: Machine
  readonly processes: Pick<Processes, 'holder' | 'nameOf' | 'signal' | 'identify'>
  /** Cards that `nvidia-smi` lists. */
  cards(): Promise<number>
  readonly limits: LimitsKind
  /** The configuration, or what is wrong with it; both null: there is none. */
  readonly config: Config | null
  readonly configError: SlipwayError | null
  /** Absolute; null: there is none (yet). */
  readonly state: State | null
  /** The state looked at anew. */
  again(): Promise<State>
}

/** What lies in `.slipway`. */
export interface State {
  readonly folder: string
  readonly store: Store
  /** null: no journal was written yet. */
  readonly journal: JournalLook | null
  /** Version of the journal that this slipway writes. */
  readonly knownJournal: number
  /** Sockets of the project that nobody answers; `host` is set where the host's own answers. */
  readonly sockets: { readonly dead: readonly string[]; readonly host: boolean }
  /** Everything that carries the project's mark. */
  readonly marked: readonly (MarkedProcess & { readonly kind: string })[]
  /** Servers left by evaluations that were killed, and their folders. */
  readonly evaluations: { readonly folders: number; readonly processes: number }
  endEvaluations(): number
}

export interface Finding {
  readonly outcome: 'ok' | 'warn' | 'fail'
  /** One sentence with its numbers. */
  readonly text: string
  /** What to type or do; null: nothing. */
  readonly remedy: string | null
  /** Gives a failure its exit. */
  readonly code: ErrorCode | null
  /** Mends it without harm and says what was done. */
  fix?(): Promise<string>
}

export interface Check {
  readonly name: string
  /** What it cannot be made without. */
  readonly needs: 'nothing' | 'config' | 'state'
  run(context: Context): Promise<readonly Finding[]>
}

export const ok = (text: string): Finding => ({ outcome: 'ok', text, remedy: null, code: null })
export const warn = (text: string, remedy: string, fix?: () => Promise<string>): Finding => ({
  outcome: 'warn',
  text,
  remedy,
  code: null,
  ...(fix && { fix }),
})
export const fail = (code: ErrorCode, text: string, remedy: string, fix?: () => Promise<string>): Finding => ({
  outcome: 'fail',
  text,
  remedy,
  code,
  ...(fix && { fix }),
})
