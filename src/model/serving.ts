/** The part of `serving` that a version's digest holds. Pure. */
import type { ServingConfig } from '../config/types.ts'
import type { ServingSpec } from './types.ts'

export const servingSpec = (serving: ServingConfig): ServingSpec => ({
  command: serving.command,
  template: serving.template,
  params: serving.params,
  env: serving.env,
  prepare: serving.prepare,
  readyPath: serving.ready.path,
  requests: serving.requests ?? [],
  answer: serving.answer,
})
