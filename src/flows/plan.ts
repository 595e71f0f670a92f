/** `plan`: what a release would do, whether it would be refused, and the file or hash that starts exactly it. */
import { dirname, resolve } from 'node:path'
import { type ErrorCode, SlipwayError } from '../errors.ts'
import { horizonNote } from '../gates/forecast.ts'
import { canonicalJson } from '../kit/json.ts'
import { planDiff } from '../plan/diff.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { environmentOf } from '../record/fold.ts'
import { quarantined } from '../record/refusals.ts'
import { readStarted } from '../record/started.ts'
import { asRefusal, type Planned, type Refusal } from '../view/plan.ts'
import { outsideAnswers } from './baseline-ready.ts'
import { type Intent, intentOf, planFile } from './intent.ts'
import { fits } from './may-start.ts'
import type { Project } from './project.ts'
import { undoOfFile } from './undo-file.ts'

export interface PlanOptions {
  readonly env?: string | undefined
  readonly ref?: string | undefined
  readonly file?: string | undefined
  /** Keep and write nothing. */
  readonly dryRun: boolean
}

/** What `release start` would be refused for, besides what makes a plan impossible. */
async function refusals(project: Project, intent: Intent, dryRun: boolean): Promise<Refusal[]> {
  const { state, plan } = intent
  const found: Refusal[] = []
  const name = plan.candidate.tag ?? plan.candidate.digest
  const held = Object.hasOwn(state.quarantine, plan.candidate.digest)
    ? state.quarantine[plan.candidate.digest]
    : undefined
  if (held) found.push(asRefusal(quarantined(name, held)))
  const refused = async (code: ErrorCode, asked: Promise<void>): Promise<void> => {
    await asked.catch((error: unknown) => {
      if (!(error instanceof SlipwayError) || error.code !== code) throw error
      found.push(asRefusal(error))
    })
  }
  const { baseline, environment } = intent
  if (baseline?.outside) await refused('BASELINE_UNREACHABLE', outsideAnswers(project, environment.name, baseline))
  // Nothing is started for a dry run.
  if (!dryRun || (await project.host.alive())) await refused('CAPACITY', fits(project, intent))
  return found
}

function lastPlan(project: Project, { state, environment, plan }: Intent): { name: string; plan: ReleasePlan } | null {
  const last = environmentOf(state, environment.name)
    .releases.filter((r) => r.model === plan.model && r.baseline)
    .at(-1)
  if (!last) return null
  const started = readStarted(project.journal, last)
  return started ? { name: last.name, plan: started.plan } : null
}

/** What is there for it: told by the host, where one lives. */
async function there(
  { host }: Pick<Project, 'host'>,
  { plan: { candidate, baseline, environment } }: Intent,
): Promise<Pick<Planned, 'room' | 'loadMs'>> {
  const [room, servers] = await Promise.all([host.room(), host.servers()])
  const all = servers?.environments[environment]?.versions ?? []
  const took = (digest: string) => all.find((version) => version.digest === digest)?.loadMs ?? null
  const former = baseline !== null && 'digest' in baseline ? took(baseline.digest) : null
  return {
    room: room && {
      memoryBytes: room.memoryBytes,
      availableBytes: room.availableBytes,
      cores: room.cores,
      cards: room.cards.map(({ memoryBytes, freeBytes, whole }) => ({ memoryBytes, freeBytes, whole })),
    },
    loadMs: { candidate: took(candidate.digest), baseline: former },
  }
}

/** Where two plans always differ; not what a person asks for when they ask what changed. */
const EACH_TIME = /^(candidate|baseline|salt|history)(\.|$)/

/** Keeps the plan under its hash, so that `--plan HASH` finds it, and writes it to `file`. */
async function keep(project: Project, { plan, hash }: Intent, file: string | undefined): Promise<void> {
  const text = canonicalJson(plan)
  const kept = planFile(project, hash)
  await project.files.folder(dirname(kept), 0o700)
  await project.files.write(kept, text, { mode: 0o600 })
  if (file !== undefined) await project.files.write(resolve(project.cwd, file), `${text}\n`)
}

/** What a release would do. The plan is kept, unless nothing may change. */
export async function plan(project: Project, options: PlanOptions): Promise<Planned> {
  const intent = await intentOf(project, { ...options, waive: null, noBaseline: null, dry: true })
  const { hash, forecast, warnings } = intent
  const { dryRun } = options
  const file = dryRun ? undefined : options.file
  const undo = await undoOfFile(project, file)
  if (!dryRun) await keep(project, intent, file)
  const last = lastPlan(project, intent)
  const refused = await refusals(project, intent, dryRun)
  const ref = options.ref === undefined ? '' : ` ${options.ref}`
  const env = options.env === undefined ? '' : ` --env ${options.env}`
  return {
    plan: intent.plan,
    hash,
    forecast,
    warnings: warnings,
    unlikely: intent.plan.baseline === null ? null : horizonNote(intent.plan, forecast),
    refused,
    ...(await there(project, intent)),
    against: last?.name ?? null,
    changes: last ? planDiff(last.plan, intent.plan).filter(({ what }) => !EACH_TIME.test(what)) : [],
    kept: !dryRun,
    file: file ?? null,
    undo,
    start: `slipway release start${ref}${env}${dryRun ? '' : ` --plan ${file ?? hash}`}`,
  }
}
