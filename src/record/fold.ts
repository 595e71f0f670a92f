/** Entries -> the state of the project. Pure; the same entries give the same state wherever they are folded. */
import type { Outcome } from '../release/types.ts'
import type { Entry, EnvironmentSettings, JournalRow, RequestData, Served } from './entries.ts'

export interface ReleaseSummary {
  readonly name: string
  readonly n: number
  readonly environment: string
  readonly model: string
  readonly candidate: string
  readonly candidateTag: string | null
  readonly baseline: string | null
  readonly baselineTag: string | null
  readonly planHash: string
  readonly by: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly outcome: Outcome | null
  readonly exit: number | null
  readonly code: string | null
  readonly blame: string | null
  /** Inconclusive gates that persons took for passed; absent: none. */
  readonly accepted?: readonly string[]
}
export interface Quarantined {
  readonly digest: string
  readonly model: string
  readonly tag: string | null
  readonly reason: string
  readonly by: string
  readonly at: number
  readonly gate: string | null
  /** The release it failed in, and where that ran; null: a person named it, outside of one. */
  readonly release: string | null
  readonly environment: string | null
  readonly weights: readonly string[]
}
export interface EnvironmentState {
  readonly up: boolean
  readonly settings: EnvironmentSettings | null
  readonly serving: Served | null
  readonly former: Served | null
  /** Why `serving` serves. */
  readonly servingWhy: string | null
  /** Release that runs (not concluded). */
  readonly active: string | null
  /** Number of the last release of each model. */
  readonly numbers: Readonly<Record<string, number>>
  readonly releases: readonly ReleaseSummary[]
}
export interface PendingRequest {
  readonly seq: number
  readonly at: number
  readonly environment: string
  readonly release: string
  readonly data: RequestData
}
export interface ProjectState {
  readonly seq: number
  readonly epoch: number
  readonly environments: Readonly<Record<string, EnvironmentState>>
  readonly quarantine: Readonly<Record<string, Quarantined>>
  readonly pending: readonly PendingRequest[]
}

export const EMPTY: ProjectState = { seq: 0, epoch: 0, environments: {}, quarantine: {}, pending: [] }
const NEW_ENVIRONMENT: EnvironmentState = {
  up: false,
  settings: null,
  serving: null,
  former: null,
  servingWhy: null,
  active: null,
  numbers: {},
  releases: [],
}
/** Summaries kept per environment. */
const KEEP = 500

export const environmentOf = (state: ProjectState, name: string): EnvironmentState =>
  state.environments[name] ?? NEW_ENVIRONMENT

function withEnvironment(state: ProjectState, name: string, change: Partial<EnvironmentState>): ProjectState {
  return { ...state, environments: { ...state.environments, [name]: { ...environmentOf(state, name), ...change } } }
}

function started(
  state: ProjectState,
  row: JournalRow,
  data: Extract<Entry, { kind: 'started' }>['data'],
): ProjectState {
  const { plan } = data
  const summary: ReleaseSummary = {
    name: row.release,
    n: data.n,
    environment: row.environment,
    model: plan.model,
    candidate: plan.candidate.digest,
    candidateTag: plan.candidate.tag,
    baseline: data.baseline?.digest ?? null,
    baselineTag: data.baseline?.tag ?? null,
    planHash: data.planHash,
    by: data.by,
    startedAt: row.at,
    endedAt: null,
    outcome: null,
    exit: null,
    code: null,
    blame: null,
  }
  const here = environmentOf(state, row.environment)
  return withEnvironment(state, row.environment, {
    active: row.release,
    releases: [...here.releases, summary].slice(-KEEP),
    numbers: { ...here.numbers, [plan.model]: data.n },
    settings: data.settings,
    up: true,
  })
}

function concluded(
  state: ProjectState,
  row: JournalRow,
  data: Extract<Entry, { kind: 'concluded' }>['data'],
): ProjectState {
  const blame = data.cause.kind === 'gate' ? data.cause.gate : null
  const taken = 'accepted' in data.cause ? data.cause.accepted.flatMap(({ gates }) => gates) : []
  const accepted = taken.length > 0 ? { accepted: taken } : {}
  const environment = environmentOf(state, row.environment)
  const releases = environment.releases.map((r) =>
    r.name === row.release
      ? { ...r, endedAt: row.at, outcome: data.outcome, exit: data.exit, code: data.code, blame, ...accepted }
      : r,
  )
  return withEnvironment(state, row.environment, {
    releases,
    active: environment.active === row.release ? null : environment.active,
  })
}

function quarantined(
  state: ProjectState,
  row: JournalRow,
  data: Extract<Entry, { kind: 'quarantine' }>['data'],
): ProjectState {
  const entry: Quarantined = {
    ...data,
    at: row.at,
    release: row.release === '' ? null : row.release,
    environment: row.environment === '' ? null : row.environment,
  }
  return { ...state, quarantine: { ...state.quarantine, [data.digest]: entry } }
}

/** One entry more. Unknown kinds are refused: a newer journal has another version. */
function foldRow(before: ProjectState, row: JournalRow): ProjectState {
  const state: ProjectState = { ...before, seq: row.seq }
  const entry = { kind: row.kind, data: row.data } as Entry
  switch (entry.kind) {
    case 'host':
      return { ...state, epoch: entry.data.epoch }
    case 'request': {
      const request = { seq: row.seq, at: row.at, environment: row.environment, release: row.release, data: entry.data }
      return { ...state, pending: [...state.pending, request] }
    }
    case 'answer':
      return { ...state, pending: state.pending.filter((p) => p.data.id !== entry.data.request) }
    case 'started':
      return started(state, row, entry.data)
    case 'concluded':
      return concluded(state, row, entry.data)
    case 'serving':
      return withEnvironment(state, row.environment, {
        serving: entry.data.serving,
        former: entry.data.former,
        servingWhy: entry.data.why,
      })
    case 'settings': {
      const settings = entry.data.settings ?? environmentOf(state, row.environment).settings
      return withEnvironment(state, row.environment, { settings, up: entry.data.up })
    }
    case 'quarantine':
      return quarantined(state, row, entry.data)
    case 'lift': {
      const { [entry.data.digest]: _lifted, ...quarantine } = state.quarantine
      return { ...state, quarantine }
    }
    case 'note':
    case 'asked':
      return state
    default:
      throw new Error(`unknown journal entry ${JSON.stringify(row.kind)}`)
  }
}

export const fold = (state: ProjectState, rows: readonly JournalRow[]): ProjectState => rows.reduce(foldRow, state)

/** All releases of the project, oldest first. */
export const allReleases = (state: ProjectState): ReleaseSummary[] =>
  Object.values(state.environments)
    .flatMap((e) => e.releases)
    .sort((a, b) => a.startedAt - b.startedAt)

/** The next number of a release of `model` in an environment. */
export const nextNumber = (environment: EnvironmentState, model: string): number =>
  1 + (Object.hasOwn(environment.numbers, model) ? environment.numbers[model]! : 0)
