/** Versions that a gate failed or a person named: refused everywhere until lifted. */
import { SlipwayError } from '../errors.ts'
import { EMPTY, type Quarantined } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { type Project, stateOf } from './project.ts'
import { resolveVersion } from './resolve.ts'

export interface QuarantineDone {
  readonly digest: string
  readonly text: string
  readonly undo: string | null
}
export const quarantineList = (project: Project): readonly Quarantined[] =>
  Object.values(stateOf(project).quarantine ?? EMPTY.quarantine)

/** A quarantine moves nobody: where the version serves, or is under test, what does is named. */
function stillServes(project: Project, digest: string): string {
  const told = Object.entries(stateOf(project).environments).flatMap(([name, { serving, active, releases }]) => {
    const tested = releases.find((r) => r.name === active)?.candidate === digest
    if (serving?.digest !== digest && !tested) return []
    const does = tested ? `${active} still releases it in ${name}` : `it still serves in ${name}`
    return [`; ${does}: slipway rollback${envFlag(name)} takes users off it`]
  })
  return told.join('')
}

/** Refuses a version from now on; repeated: nothing happens. */
export async function quarantineAdd(
  project: Project,
  ref: string,
  reason: string,
  dryRun: boolean,
): Promise<QuarantineDone> {
  const { version, tag } = await resolveVersion(project, ref, true)
  const { digest } = version
  const name = tag ?? digest
  const undo = `slipway quarantine lift ${digest} --reason TEXT`
  const serves = stillServes(project, digest)
  if (Object.hasOwn(stateOf(project).quarantine, digest))
    return { digest, text: `${name} is quarantined already${serves}`, undo }
  if (dryRun) return { digest, text: `would quarantine ${name}${serves}`, undo }
  const weights = version.files.filter((f) => f.weight).map((f) => f.sha256)
  const data = { digest, model: version.model, tag, reason, by: project.actor, gate: null, weights }
  project.journal.append([{ at: project.clock.now(), kind: 'quarantine', environment: '', release: '', data }], null)
  return { digest, text: `${name} is quarantined: ${reason}${serves}`, undo }
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
