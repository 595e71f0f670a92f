/** A training run: what was asked, what it is now, what came out. Pure. */
import type { TrainingConfig } from '../config/types.ts'
import type { LaunchedRef } from '../io/launch.ts'
import type { Digest } from '../model/types.ts'
import type { DataReport } from './checks.ts'

export type RunStatus = 'running' | 'done' | 'failed' | 'cancelled'
export interface TrainingRun {
  readonly id: string
  readonly model: string
  readonly status: RunStatus
  readonly by: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly params: Readonly<Record<string, string | number | boolean>>
  readonly seed: number
  /** Path relative to the project, digest of its bytes, and the report of the checks; null: no data is configured. */
  readonly data: { readonly path: string; readonly digest: Digest; readonly report: DataReport } | null
  readonly command: readonly string[]
  readonly process: LaunchedRef | null
  readonly codeCommit: string | null
  /** Numbers of metrics.json, written by the trainer into its output folder. */
  readonly metrics: Readonly<Record<string, number>>
  /** Why it failed, one sentence. */
  readonly why: string | null
  readonly packed: { readonly digest: Digest; readonly tag: string } | null
}

/**
 * The argument vector of a run: {data} {out} {seed} and each {param} replaced; a param without a place in the command is added
 * as `--name value`.
 */
export function trainingCommand(
  training: Pick<TrainingConfig, 'command'>,
  params: TrainingRun['params'],
  places: { readonly data: string; readonly out: string; readonly seed: number },
): string[] {
  const known: Record<string, string> = {
    ...Object.fromEntries(Object.entries(params).map(([k, v]) => [k, String(v)])),
    data: places.data,
    out: places.out,
    seed: String(places.seed),
  }
  const used = new Set<string>()
  const command = training.command.map((part) =>
    part.replace(/\{([A-Za-z_][\w-]*)\}/g, (whole, name: string) => {
      if (!Object.hasOwn(known, name)) return whole
      used.add(name)
      return known[name]!
    }),
  )
  const rest = Object.keys(params).filter((name) => !used.has(name))
  return [...command, ...rest.flatMap((name) => [`--${name}`, known[name]!])]
}

/** Numbers of a metrics.json; what is no number is left out. */
export function metricsOf(text: string): Record<string, number> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {}
  }
  if (typeof value !== 'object' || value === null) return {}
  const numbers = Object.entries(value).filter(
    (pair): pair is [string, number] => typeof pair[1] === 'number' && Number.isFinite(pair[1]),
  )
  return Object.fromEntries(numbers.slice(0, 50))
}

/** `K=V` of --param; numbers and booleans as such. Undefined where it is none. */
export function parseParam(text: string): readonly [string, string | number | boolean] | undefined {
  const match = /^([A-Za-z_][\w-]*)=(.*)$/s.exec(text)
  if (!match) return undefined
  const [, name = '', value = ''] = match
  if (value === 'true' || value === 'false') return [name, value === 'true']
  return [name, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value]
}

/** The next id: `run-0007` after six others. */
export const nextRunId = (ids: readonly string[]): string => {
  const most = Math.max(0, ...ids.map((id) => Number(/^run-(\d+)$/.exec(id)?.[1] ?? 0)))
  return `run-${String(most + 1).padStart(4, '0')}`
}
