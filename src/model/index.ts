/** The model formats: one file each, one line here. */
import type { FormatReader } from './format.ts'
import { gguf } from './gguf.ts'
import { onnx } from './onnx.ts'
import { safetensors } from './safetensors.ts'

export const FORMATS: readonly FormatReader[] = [safetensors, gguf, onnx]
