/** Finds and reads slipway.yaml. Everything that is wrong in it is told at once, with its place and its remedy. */
import { dirname, join, relative, resolve as resolvePath } from 'node:path'
import * as z from 'zod/mini'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import { contradictions } from './checks.ts'
import { merge } from './merge.ts'
import { configError, type Problem, problemsOf, valueAt } from './problems.ts'
import { resolve, resolveRelease, resolveServing } from './resolve.ts'
import { configSchema, type Parsed } from './schema/index.ts'
import { releaseSchema } from './schema/release.ts'
import { servingSchema } from './schema/serving.ts'
import type { Config, ReleaseConfig, ServingConfig } from './types.ts'
import { readYaml, type Source, YAML_LIMITS } from './yaml.ts'

export const CONFIG_NAME = 'slipway.yaml'

/** A configuration and its text, for whoever finds more that is wrong with it. */
export interface LoadedConfig {
  readonly config: Config
  /** Path of the file as people should see it. */
  readonly shown: string
  readonly source: Source
}

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
  for (const name of Object.keys(parsed.environments)) {
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
        for (const problem of problemsOf(result.error, schema, laid(key)))
          problems.push({ ...problem, path: [...under, key, ...problem.path] })
    if (serving.success && release.success)
      merged[name] = { serving: resolveServing(serving.data), release: resolveRelease(release.data, gates) }
  }
  return { merged, problems }
}

/**
 * A configuration from its text. `file`: absolute path; `shown`: as people should see it.
 * Throws CONFIG_INVALID with every problem.
 */
export function parseConfig(text: string, file: string, shown: string): LoadedConfig {
  const read = readYaml(text)
  if ('problems' in read) throw configError(shown, read.problems, null)
  const { source } = read
  const parsed = z.safeParse(configSchema, source.value)
  if (!parsed.success) throw configError(shown, problemsOf(parsed.error, configSchema, source.value), source)
  const { merged, problems } = overlaid(source.value, parsed.data)
  if (problems.length > 0) throw configError(shown, problems, source)
  const config = resolve(file, dirname(file), parsed.data, merged)
  const wrong = contradictions(config, source.has)
  if (wrong.length > 0) throw configError(shown, wrong, source)
  return { config, shown, source }
}

/** Finds, reads and checks; see `findConfig` and `parseConfig`. */
export async function loadConfigSource(
  files: Pick<Files, 'facts' | 'read'>,
  cwd: string,
  explicit?: string,
): Promise<LoadedConfig> {
  const file = await findConfig(files, cwd, explicit)
  const shown = relative(cwd, file) || CONFIG_NAME
  const bytes = await files.read(file, YAML_LIMITS.bytes)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new SlipwayError('CONFIG_INVALID', `${visible(shown)} is not UTF-8 text`, { where: [{ file: shown }], cause })
  }
  return parseConfig(text, file, shown)
}

/** The configuration of the project around `cwd`, or of the file named. */
export const loadConfig = async (
  files: Pick<Files, 'facts' | 'read'>,
  cwd: string,
  explicit?: string,
): Promise<Config> => (await loadConfigSource(files, cwd, explicit)).config
