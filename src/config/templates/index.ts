/** The templates: one file each, one line here. */
import { custom, customTraining } from './custom.ts'
import { llamacpp } from './llamacpp.ts'
import { nodeClassifier, nodeClassifierTraining } from './node-classifier.ts'
import { registry } from './types.ts'

export const SERVING_TEMPLATES = registry(custom, llamacpp, nodeClassifier)
export const TRAINING_TEMPLATES = registry(customTraining, nodeClassifierTraining)
