/** The whole of slipway.yaml: the one source of its keys, units, defaults and JSON Schema. */
import * as z from 'zod/mini'
import { environmentsSchema } from './environment.ts'
import { evaluationSchema } from './evaluation.ts'
import { releaseSchema } from './release.ts'
import { later, map, optional, orElse, text } from './scalars.ts'
import { artifactSchema, servingSchema } from './serving.ts'
import { trainingSchema } from './training.ts'

// Each schema is used once or twice in a process: code generated for it would cost more than it saves.
z.config({ jitless: true })

/** Names of models: what a registry takes as a path component. */
export const MODEL_NAME = /^(?=.{1,63}$)[a-z0-9]+([._-][a-z0-9]+)*$/

export const configSchema = map('slipway.yaml: what a model is, how it serves, and how it is released.', {
  apiVersion: z.literal('slipway.dev/v1').check(z.meta({ description: 'Version of this file: slipway.dev/v1.' })),
  model: text(
    'Name of the line of versions.',
    MODEL_NAME,
    'is no name of a model: lower-case letters and digits, with single . _ - between, at most 63',
  ),
  artifact: orElse(artifactSchema, {}),
  serving: servingSchema,
  training: optional(later('How a model is trained, apart from serving.', trainingSchema)),
  evaluation: orElse(evaluationSchema, {}),
  release: orElse(releaseSchema, {}),
  environments: environmentsSchema,
})
export type Parsed = z.output<typeof configSchema>
