/** What `slipway pack` tells: nothing of the environment, no absolute path. */
import * as z from 'zod/mini'
import { outputOf } from '../config/json-schema.ts'
import type { Packed } from './packed.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string): S => schema.check(z.meta({ description }))
const texts = z.array(z.string())
const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/))

export const lineageSchema = about(
  z.strictObject({
    run: about(z.optional(z.string()), 'Training run.'),
    dataDigest: about(z.optional(z.string()), 'Digest of the data it was trained with.'),
    codeCommit: about(z.optional(z.string()), 'Commit of the code; with -dirty where files differed from it.'),
    parent: about(z.optional(digest), 'Version that it was made from.'),
    metrics: about(z.optional(z.record(z.string(), z.number())), 'What the trainer measured.'),
    seed: about(z.optional(z.number()), 'Seed of the training.'),
  }),
  "Where the version comes from; no part of its digest. Of the version's first pack.",
)

export const packedSchema = outputOf('packed', {
  model: about(z.string(), 'Name of the model.'),
  tag: about(z.string(), 'Tag of the version; with --dry-run the one it would get.'),
  digest: about(digest, 'Digest of the version.'),
  created: about(z.boolean(), 'False where the store had this version already.'),
  dryRun: about(z.boolean(), 'True where nothing was written because of --dry-run.'),
  bytes: about(z.int(), 'Bytes of all files together.'),
  files: about(z.int(), 'Number of files.'),
  weights: about(
    z.array(z.strictObject({ path: z.string(), size: z.int() })),
    'Files of /models with a layer of their own; sizes in bytes.',
  ),
  code: about(texts, 'Files of /app.'),
  lineage: lineageSchema,
  notes: about(texts, 'What a person should know, one sentence each.'),
  layout: about(z.nullable(z.string()), 'The OCI layout, as it was typed; null without -o.'),
  undo: about(z.nullable(z.string()), 'The command that undoes it; null: nothing was changed.'),
})
export type PackResult = Omit<z.output<typeof packedSchema>, '$schema'>

export function packResult(
  { version, tag, created, code, bytes, notes, lineage }: Packed,
  { dryRun, layout }: { readonly dryRun: boolean; readonly layout: string | null },
): PackResult {
  const { model, digest: named, files } = version
  const weights = files.filter((file) => file.weight).map(({ path, size }) => ({ path, size }))
  // Tags are plain files, and a version without one is what prune removes.
  const tagFile = `.slipway/store/tags/${encodeURIComponent(model)}/${encodeURIComponent(tag)}.json`
  const undo = dryRun || !created ? null : `rm ${tagFile} && slipway local prune`
  const { metrics, ...origin } = lineage
  return {
    ...{ model, tag, digest: named, created, dryRun, bytes, files: files.length, weights, code: [...code] },
    ...{ lineage: { ...origin, ...(metrics && { metrics: { ...metrics } }) }, notes: [...notes], layout, undo },
  }
}
