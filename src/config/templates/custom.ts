/** Your own server or trainer: slipway.yaml says all of it. */
import type { ServingTemplate } from '../types.ts'
import type { TrainingTemplate } from './types.ts'

export const custom: ServingTemplate = {
  name: 'custom',
  command: null,
  readyPath: null,
  requests: null,
  answer: null,
  drainMs: null,
  params: {},
  files: [],
}

export const customTraining: TrainingTemplate = { name: 'custom', command: null, params: {}, files: [] }
