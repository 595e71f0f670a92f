/** The shape of what `slipway inspect --json` prints. */
import * as z from 'zod/mini'
import { outputOf } from '../config/json-schema.ts'
import { lineageSchema } from './pack-result.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string): S => schema.check(z.meta({ description }))
const texts = z.array(z.string())
const scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

const serving = z.strictObject({
  command: about(texts, 'Argument vector, placeholders as written.'),
  template: z.string(),
  params: scalars,
  env: about(texts, 'Names of its environment variables; never their values.'),
  prepare: z.array(texts),
  readyPath: about(z.nullable(z.string()), 'Path that answers when it is ready; null: the port answers.'),
  requests: about(texts, 'METHOD /path of what is judged; none: every POST, or what the sets ask.'),
  answer: about(z.nullable(z.string()), 'JSON pointer to the answer; null: none.'),
})
const header = z.strictObject({
  format: z.enum(['safetensors', 'gguf', 'onnx', 'other']),
  parameters: about(z.number(), 'Elements of all tensors.'),
  tensors: about(z.int(), 'Number of tensors.'),
  dtypes: about(z.record(z.string(), z.int()), 'How many tensors of each type.'),
  metadata: about(scalars, 'What the files say of themselves; long values cut.'),
  files: about(texts, 'Files of this format, relative to /models.'),
})
const file = z.strictObject({
  path: about(z.string(), 'In the image: models/… or app/….'),
  size: z.int(),
  sha256: about(z.nullable(z.string()), 'Of its bytes; for weights that of their layer; null: not packed.'),
  weight: about(z.boolean(), 'It has a layer of its own.'),
})
const tensor = z.strictObject({
  name: z.string(),
  dtype: z.string(),
  shape: z.array(z.number()),
  bytes: z.number(),
  file: z.string(),
})

export const inspectedSchema = outputOf('inspected', {
  model: z.string(),
  digest: about(z.nullable(z.string()), 'Digest of the version; null: a path that is not packed.'),
  tags: texts,
  createdAt: about(z.nullable(z.string()), 'When it was packed first, UTC; null: not in this store.'),
  lineage: lineageSchema,
  serving,
  modelPath: about(z.string(), 'File of /models that {model} stands for; empty: the folder.'),
  header: about(z.nullable(header), 'null: no file of it holds tensors that slipway reads.'),
  layers: z.array(z.strictObject({ digest: z.string(), size: z.int(), files: z.int() })),
  bytes: about(z.int(), 'Bytes of all files together.'),
  fileCount: z.int(),
  files: about(z.nullable(z.array(file)), 'With --files.'),
  tensors: about(z.nullable(z.array(tensor)), 'With --tensors.'),
  notes: about(texts, 'What a person should know, one sentence each.'),
})
