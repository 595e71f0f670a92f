/** Versions that a gate failed or a person named: refused everywhere until lifted. */
import { SlipwayError } from '../errors.ts'
import { EMPTY, type Quarantined, type ReleaseSummary } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { startAgain } from './person.ts'
import { type Project, stateOf } from './project.ts'
import { request } from './request.ts'
import { resolveVersion } from './resolve.ts'

/** How long a host may take to answer. */
const PATIENCE_MS = 20_000

export interface QuarantineDone {
  readonly digest: string
  readonly text: string
  readonly undo: string | null
}
export const quarantineList = (project: Project): readonly Quarantined[] =>
  Object.values(stateOf(project).quarantine ?? EMPTY.quarantine)

/** Where it serves a quarantine moves nobody: what does is named. */
function stillServes(project: Project, digest: string): string {
  const told = Object.entries(stateOf(project).environments).flatMap(([name, { serving }]) =>
    serving?.digest === digest
      ? [`; it still serves in ${name}: slipway rollback${envFlag(name)} takes users off it`]
      : [],
  )
  return told.join('')
}

/** Releases that run with it under test. */
const releasing = (project: Project, digest: string): ReleaseSummary[] =>
  Object.values(stateOf(project).environments).flatMap(({ active, releases }) =>
    releases.filter(({ name, candidate }) => name === active && candidate === digest),
  )

/** Ends a release like a rollback by the person: whose version is quarantined must not be promoted. */
async function takenBack(project: Project, { environment, name }: ReleaseSummary, reason: string): Promise<void> {
  const asked = {
    id: project.newId(),
    verb: 'rollback',
    by: project.actor,
    reason,
    to: null,
    quarantine: false,
  } as const
  await request(project, environment, name, asked, PATIENCE_MS)
}

/** Refuses a version from now on, and ends what releases it; repeated: nothing more happens. */
export async function quarantineAdd(
  project: Project,
  ref: string,
  reason: string,
  dryRun: boolean,
): Promise<QuarantineDone> {
  const { version, tag } = await resolveVersion(project, ref, true)
  const { digest } = version
  const name = tag ?? digest
  const tested = releasing(project, digest)
  const lift = `slipway quarantine lift ${digest} --reason TEXT`
  const undo = [lift, ...tested.map(startAgain)].join(' && ')
  const told = (does: string) =>
    tested.map((r) => `; ${r.name}, which releases it in ${r.environment}, ${does}`).join('') +
    stillServes(project, digest)
  const already = Object.hasOwn(stateOf(project).quarantine, digest)
  if (dryRun)
    return {
      digest,
      text: `${already ? `${name} is quarantined already` : `would quarantine ${name}`}${told('would be taken back')}`,
      undo,
    }
  if (!already) {
    const weights = version.files.filter((f) => f.weight).map((f) => f.sha256)
    const data = { digest, model: version.model, tag, reason, by: project.actor, gate: null, weights }
    project.journal.append([{ at: project.clock.now(), kind: 'quarantine', environment: '', release: '', data }], null)
  }
  for (const release of tested) await takenBack(project, release, reason)
  const is = already ? `${name} is quarantined already` : `${name} is quarantined: ${reason}`
  return { digest, text: `${is}${told('is taken back')}`, undo }
}

/** The one entry that a reference means; also a version that is no longer in the store. */
async function heldBy(project: Project, ref: string): Promise<Quarantined | undefined> {
  const held = quarantineList(project)
  const hex = /^(?:.*@)?(?:sha256:)?([0-9a-f]{8,64})$/.exec(ref)?.[1]
  const byDigest = hex ? held.filter((q) => q.digest.slice(7).startsWith(hex)) : []
  if (byDigest.length > 1)
    throw new SlipwayError('REF_AMBIGUOUS', `${ref} fits ${byDigest.length} quarantined versions`)
  if (byDigest[0]) return byDigest[0]
  const { digest } = await project.store.resolveRef(ref)
  return held.find((q) => q.digest === digest)
}

/** Lets a version be released again. */
export async function quarantineLift(
  project: Project,
  ref: string,
  reason: string,
  dryRun: boolean,
): Promise<QuarantineDone> {
  const held = await heldBy(project, ref)
  if (!held) return { digest: ref, text: `${ref} is not quarantined`, undo: null }
  const name = held.tag ?? held.digest
  const undo = `slipway quarantine add ${held.digest} --reason TEXT`
  if (dryRun) return { digest: held.digest, text: `would lift the quarantine of ${name}`, undo }
  const data = { digest: held.digest, reason, by: project.actor }
  project.journal.append([{ at: project.clock.now(), kind: 'lift', environment: '', release: '', data }], null)
  return { digest: held.digest, text: `${name} may be released again`, undo }
}
