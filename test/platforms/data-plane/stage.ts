/** One data plane a test, and everything that was started for it taken down after. */
import { afterEach, beforeEach } from 'vitest'
import { type Rig, rig, type SmallServer, smallServer } from './rig.ts'

export interface Stage {
  plane: Rig
  /** Closed after the test. */
  kept<T extends { close(): unknown }>(one: T): T
  server(...args: Parameters<typeof smallServer>): Promise<SmallServer>
}

/** Call at the top of a test file. */
export function stage(...args: Parameters<typeof rig>): Stage {
  let made: { close(): unknown }[] = []
  const here: Stage = {
    plane: undefined as unknown as Rig,
    kept: (one) => {
      made.push(one)
      return one
    },
    server: async (...more) => here.kept(await smallServer(...more)),
  }
  beforeEach(async () => {
    here.plane = here.kept(await rig(...args))
  })
  afterEach(async () => {
    for (const one of made) await one.close()
    made = []
  })
  return here
}
