/** The version of `rollback --to`: one of ours, or a server outside that users were on. */
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { Entry, Served } from '../record/entries.ts'
import type { EnvironmentState } from '../record/fold.ts'
import { quarantined } from '../record/refusals.ts'
import { envFlag } from '../record/release-id.ts'
import { readStarted } from '../record/started.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import type { RollbackOptions } from './rollback.ts'
import { servedOf } from './served.ts'

/** As a release of the environment had it served last; null: none did. */
function servedBefore({ journal }: Project, { releases }: EnvironmentState, digest: string): Served | null {
  for (const release of [...releases].reverse()) {
    if (release.candidate !== digest && release.baseline !== digest) continue
    const started = readStarted(journal, release)
    if (started) return started.candidate.digest === digest ? started.candidate : started.baseline
  }
  return null
}

/** The server outside that users of the environment were on, as the journal has it: nobody asks it anything. REF_UNKNOWN where none has this address. */
function outsideBefore(project: Project, here: EnvironmentState, environment: string, address: string): Served {
  const same = (served: Served | null | undefined): served is Served =>
    served?.outside === true && served.digest.replace(/\/$/, '') === address.replace(/\/$/, '')
  const { journal } = project
  const moves = journal.readRelease({ environment, name: '' }).flatMap(({ kind, data }) => {
    const entry = { kind, data } as Entry
    return entry.kind === 'serving' ? [entry.data.serving, entry.data.former] : []
  })
  const baselines = here.releases.map((release) => readStarted(journal, release)?.baseline)
  const found = [here.serving, here.former, ...moves.reverse(), ...baselines.reverse()].find(same)
  if (found) return found
  throw new SlipwayError('REF_UNKNOWN', `${visible(address)} never was the baseline of ${environment}`, {
    next: [`slipway release history${envFlag(environment)}`],
  })
}

/** QUARANTINED, unless users are on it already, or a release that runs goes back to it anyway: that is told. */
function refuseHeld(project: Project, here: EnvironmentState, { to = '', say }: RollbackOptions, digest: string): void {
  const { quarantine } = stateOf(project)
  const held = Object.hasOwn(quarantine, digest) ? quarantine[digest] : undefined
  if (!held) return
  const active = here.releases.find(({ name }) => name === here.active)
  if (active?.baseline !== digest && here.serving?.digest !== digest) throw quarantined(to, held)
  say(`note: ${to} is quarantined`)
}

/** The version of `--to`, served as it was last, or as slipway.yaml says now. */
export async function targetOf(
  project: Project,
  here: EnvironmentState,
  environment: string,
  options: RollbackOptions,
): Promise<Served | null> {
  if (options.to === undefined) return null
  if (/^https?:\/\//.test(options.to)) return outsideBefore(project, here, environment, options.to)
  const { digest, tag } = await project.store.resolveRef(options.to)
  refuseHeld(project, here, options, digest)
  const before = [here.serving, here.former].find((served) => served?.digest === digest)
  const known = before ?? (project.broken ? servedBefore(project, here, digest) : null)
  if (known) return known
  if (project.broken)
    throw new SlipwayError(
      project.broken.code,
      `${options.to} never served in ${environment}, so only slipway.yaml can say how; ${project.broken.message}`,
      { where: project.broken.where, next: [`slipway rollback${envFlag(environment)}`, 'slipway validate'] },
    )
  return servedOf(
    project,
    environmentConfig(project.config, environment),
    (await project.store.read(digest)).version,
    tag,
  )
}
