/** Finds and reads slipway.yaml. Everything that is wrong in it is told at once, with its place and its remedy. */
import { dirname, join, relative, resolve as resolvePath } from 'node:path'
import * as z from 'zod/mini'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import { formatSize } from '../kit/units.ts'
import { contradictions } from './checks.ts'
import { problemsOf } from './issues.ts'
import { merge } from './merge.ts'
import { configError, type Problem, valueAt } from './problems.ts'
import { resolve, resolveRelease, resolveServing } from './resolve.ts'
import { salvage, touches } from './salvage.ts'
import { configSchema, type Parsed } from './schema/index.ts'
import { releaseSchema } from './schema/release.ts'
import { servingSchema } from './schema/serving.ts'
import type { Config, ReleaseConfig, ServingConfig } from './types.ts'
import { readYaml } from './yaml.ts'
import { type Source, YAML_LIMITS } from './yaml-values.ts'

export const CONFIG_NAME = 'slipway.yaml'

/** Absolute path of the file: the one named, else slipway.yaml in `cwd` or the nearest parent. Throws CONFIG_NOT_FOUND. */
export async function findConfig(files: Pick<Files, 'facts'>, cwd: string, explicit?: string): Promise<string> {
  if (explicit !== undefined) {
    const path = resolvePath(cwd, explicit)
    const facts = await files.facts(path)
    if (facts?.kind === 'folder') return findConfig(files, path, CONFIG_NAME)
    if (facts !== null) return path
    throw new SlipwayError('CONFIG_NOT_FOUND', `there is no ${visible(explicit)}`, { next: ['slipway init'] })
  }
  for (let folder = resolvePath(cwd); ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_NAME)
    if ((await files.facts(path))?.kind === 'file') return path
    if (dirname(folder) === folder) break
  }
  throw new SlipwayError('CONFIG_NOT_FOUND', `there is no ${CONFIG_NAME} here or in a parent folder`, {
    next: ['slipway init'],
  })
}

type Overlaid = Readonly<Record<string, { readonly serving: ServingConfig; readonly release: ReleaseConfig }>>

/** Serving and release of each environment: the common part with the overrides laid over, parsed again as a whole. */
function overlaid(raw: unknown, parsed: Parsed): { readonly merged: Overlaid; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const gates = { sets: Object.keys(parsed.evaluation.sets), labels: parsed.evaluation.labels !== undefined }
  const merged: Record<string, { serving: ServingConfig; release: ReleaseConfig }> = {}
  for (const [name, { serving: over, release: overRelease }] of Object.entries(parsed.environments)) {
    if (over === undefined && overRelease === undefined) continue
    const laid = (key: 'serving' | 'release'): unknown =>
      merge(valueAt(raw, [key]) ?? {}, valueAt(raw, ['environments', name, key]))
    const serving = z.safeParse(servingSchema, laid('serving'))
    const release = z.safeParse(releaseSchema, laid('release'))
    const under = ['environments', name]
    for (const [key, result, schema] of [
      ['serving', serving, servingSchema],
      ['release', release, releaseSchema],
    ] as const)
      if (!result.success)
        for (const problem of problemsOf(result.error, { schema, raw: laid(key), written: () => undefined }))
          problems.push({ ...problem, path: [...under, key, ...problem.path] })
    if (serving.success && release.success)
      merged[name] = { serving: resolveServing(serving.data), release: resolveRelease(release.data, gates) }
  }
  return { merged, problems }
}

/** A file as far as it can be read, with all that is wrong in it. */
export interface Inspected {
  readonly shown: string
  readonly source: Source | null
  readonly problems: readonly Problem[]
  /** null: too little is right. With problems, a configuration without the parts that are wrong. */
  readonly config: Config | null
}

/** A configuration from its text, and every problem of it. `file`: absolute path; `shown`: as people should see it. */
export function inspectConfig(text: string, file: string, shown: string): Inspected {
  const { source, problems } = readYaml(text)
  if (source === null) return { shown, source, problems, config: null }
  const first = z.safeParse(configSchema, source.value)
  const wrong = first.success
    ? []
    : problemsOf(first.error, { schema: configSchema, raw: source.value, written: source.written })
  const kept = first.success ? { raw: source.value, left: [] } : salvage(source.value, wrong)
  const parsed = first.success ? first : z.safeParse(configSchema, kept.raw)
  const all = [...problems, ...wrong]
  if (!parsed.success) return { shown, source, problems: all, config: null }
  const { merged, problems: overridden } = overlaid(kept.raw, parsed.data)
  const resolved = resolve(file, dirname(file), parsed.data, merged)
  const config = source.has(['artifact', 'path'])
    ? resolved
    : { ...resolved, artifact: { ...resolved.artifact, assumed: true as const } }
  const against = contradictions(config, source.has).filter(({ path }) => !touches(path, kept.left))
  return { shown, source, problems: [...all, ...overridden, ...against], config }
}

/** The same for who needs it to be right: throws CONFIG_INVALID with every problem. */
export function parseConfig(text: string, file: string, shown: string): Config {
  const { source, problems, config } = inspectConfig(text, file, shown)
  if (problems.length > 0 || config === null) throw configError(shown, problems, source)
  return config
}

/** The text of the file named, or of the one around `cwd`; see `findConfig`. */
export async function readConfig(
  files: Pick<Files, 'facts' | 'read'>,
  cwd: string,
  explicit?: string,
): Promise<{ readonly text: string; readonly file: string; readonly shown: string }> {
  const file = await findConfig(files, cwd, explicit)
  const shown = relative(cwd, file) || CONFIG_NAME
  const size = (await files.facts(file))?.size ?? 0
  if (size > YAML_LIMITS.bytes)
    throw new SlipwayError(
      'CONFIG_INVALID',
      `${visible(shown)} is too large: ${formatSize(size)}, and at most ${formatSize(YAML_LIMITS.bytes)} are read; evaluation sets and other data belong into files of their own`,
      { where: [{ file: shown }], next: ['slipway validate'] },
    )
  const bytes = await files.read(file, YAML_LIMITS.bytes)
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), file, shown }
  } catch (cause) {
    throw new SlipwayError('CONFIG_INVALID', `${visible(shown)} is not UTF-8 text`, { where: [{ file: shown }], cause })
  }
}

/** The configuration of the project around `cwd`, or of the file named. Throws CONFIG_NOT_FOUND, CONFIG_INVALID. */
export async function loadConfig(
  files: Pick<Files, 'facts' | 'read'>,
  cwd: string,
  explicit?: string,
): Promise<Config> {
  const { text, file, shown } = await readConfig(files, cwd, explicit)
  return parseConfig(text, file, shown)
}
