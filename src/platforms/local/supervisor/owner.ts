import type { ServeOrder } from '../../contract.ts'
import type { Context } from './context.ts'
import type { LaidOut, SupervisorEvent } from './types.ts'

/** The version as its replicas see it. */
export interface Owner {
  readonly context: Context
  readonly environment: string
  readonly digest: ServeOrder['digest']
  readonly order: ServeOrder
  readonly layout: LaidOut | null
  readonly wanted: boolean
  nextIncarnation(): number
  fail(code: string, why: string): void
  succeeded(loadMs: number | null): void
  exited(replica: number, why: string, beforeReady: boolean): void
  emit(kind: SupervisorEvent['kind'], replica: number | null, why: string | null): void
}
