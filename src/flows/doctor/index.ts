/** All checks, in an order in which the first that fails is the one to mend first. */
import type { Check } from './check.ts'
import { clock } from './clock.ts'
import { config } from './config.ts'
import { disk } from './disk.ts'
import { fileSystem } from './file-system.ts'
import { gpus } from './gpus.ts'
import { home } from './home.ts'
import { host } from './host.ts'
import { journal } from './journal.ts'
import { leftovers } from './leftovers.ts'
import { limits } from './limits.ts'
import { node } from './node.ts'
import { openFiles } from './open-files.ts'
import { permissions } from './permissions.ts'
import { ports } from './ports.ts'
import { store } from './store.ts'

export const CHECKS: readonly Check[] = [
  node,
  config,
  fileSystem,
  permissions,
  disk,
  journal,
  store,
  ports,
  host,
  leftovers,
  openFiles,
  limits,
  gpus,
  clock,
  home,
]
