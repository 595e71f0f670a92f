/** A small classifier in Node: safetensors weights of a network, one answer a request. */
import type { ServingTemplate } from '../types.ts'
import type { TrainingTemplate } from './types.ts'

export const nodeClassifier: ServingTemplate = {
  name: 'node-classifier',
  command: ['node', 'serve.mjs', '--host', '{host}', '--port', '{port}', '--model', '{model}'],
  readyPath: '/health',
  requests: ['POST /predict'],
  answer: '/label',
  drainMs: 30_000,
  params: {},
  files: ['serve.mjs'],
}

export const nodeClassifierTraining: TrainingTemplate = {
  name: 'node-classifier',
  command: [
    'node',
    'train.mjs',
    '--data',
    '{data}',
    '--out',
    '{out}',
    '--seed',
    '{seed}',
    '--hidden',
    '{hidden}',
    '--epochs',
    '{epochs}',
    '--rate',
    '{rate}',
    '--rows',
    '{rows}',
  ],
  params: { hidden: 32, epochs: 3, rate: 0.05, rows: 0 },
  files: ['train.mjs'],
}
