/** The model formats: one file each, one line here. */
import type { FormatReader } from './format.ts'
import { safetensors } from './safetensors.ts'

export const FORMATS: readonly FormatReader[] = [safetensors]
