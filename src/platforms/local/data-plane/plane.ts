/** What the parts of a data plane share. */
import type { Budget } from './budget.ts'
import type { CopyContext } from './copy-context.ts'
import type { Hold } from './hold.ts'
import type { KeyBook } from './key-book.ts'
import type { Mirror } from './mirror.ts'
import type { Routing } from './routing.ts'
import type { TrafficBook } from './version-counters.ts'

export interface Plane extends CopyContext {
  readonly routing: Routing
  readonly traffic: TrafficBook
  readonly hold: Hold
  readonly mirror: Mirror
  readonly keys: KeyBook
  /** Bytes of users' bodies that are read before they are routed. */
  readonly bodies: Budget
}
