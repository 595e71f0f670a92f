/** `kill -9` of a part of slipway at a moment of a release, and what became of users and of the release. */
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { kindOfMark, type MarkKind, markPrefix } from '../../src/io/marks.ts'
import { systemProcesses } from '../../src/io/processes.ts'
import type { Ran } from '../cli/run.ts'
import type { Scenario } from './harness.ts'
import type { Place } from './place.ts'
import { type Answered, faults, lost } from './users.ts'
import { printed, within } from './waits.ts'

export const PHASES = ['shadow', 'canary', 'watch', 'held', 'swap', 'swap-watch'] as const
export const TARGETS = ['command', 'host', 'data-plane', 'server', 'all'] as const
export type Phase = (typeof PHASES)[number]
export type Target = (typeof TARGETS)[number]
export interface Moment {
  readonly phase: Phase
  readonly target: Target
  /** Does the candidate work? A bad one fails from the kill on. */
  readonly good: boolean
  /** After the phase was seen. */
  readonly delayMs: number
  /** Which of several servers, 0..1. */
  readonly pick: number
}
export interface Came {
  readonly outcome: string
  readonly exit: number | null
  /** Requests without a good answer, except those that the candidate itself answered badly. */
  readonly lost: Readonly<Record<string, number>>
  /** Of those, the ones that neither were open at the kill nor left before somebody listened again. */
  readonly unexplained: readonly Answered[]
  /** From the kill to the next answer to a request that left after it. */
  readonly silentMs: number
  /** The one server of the candidate was killed: while it is away, its share of users counts against it. */
  readonly candidateHit: boolean
  readonly stderr: string
}

/** Processes of a project, by what they are. */
export function running(one: Scenario, kinds: readonly MarkKind[]): readonly number[] {
  const prefix = markPrefix(join(realpathSync(one.folder), '.slipway'))
  return systemProcesses()
    .marked(prefix)
    .filter(({ mark }) => kinds.some((kind) => kind === kindOfMark(mark)))
    .map(({ pid }) => pid)
}

/** A phase comes within the horizon, and so does the end. */
const PHASE_MS = 90_000
const END_MS = 150_000
const SEEN: Readonly<Record<Phase, RegExp>> = {
  shadow: /shadow.*observed/,
  canary: /canary.*observed/,
  watch: /full: .* watched/,
  held: / {2}held {2}/,
  swap: /swap: requests wait/,
  'swap-watch': /is watched/,
}
const KILLED: Readonly<Record<Target, readonly MarkKind[]>> = {
  command: [],
  host: ['host'],
  'data-plane': ['data-plane'],
  server: ['server'],
  all: ['host', 'data-plane', 'server'],
}

/** Kills; which processes those were. */
function kill(one: Scenario, { target, pick }: Moment): readonly number[] {
  const pids = running(one, KILLED[target])
  const picked = pids[Math.floor(pick * pids.length)]
  const chosen = target !== 'server' ? pids : picked === undefined ? [] : [picked]
  for (const pid of chosen) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in between.
    }
  }
  return chosen
}

interface Ended {
  readonly view?: { readonly outcome: string | null } | null
}
const outcomeOf = ({ stdout }: Ran): string => {
  const last = stdout.trim().split('\n').at(-1) ?? ''
  return last.startsWith('{') ? ((JSON.parse(last) as Ended).view?.outcome ?? 'none') : 'none'
}

/** Releases what the model folder holds, kills, and waits for the end of the release. */
export async function killedAt(here: Place, moment: Moment): Promise<Came> {
  const { one, users } = here
  users.x = null
  const from = users.answers.length
  const servers = new Set(running(one, ['server']))
  // What is compared must have been seen for a while.
  await users.more(200)
  const begun = one.start(['release', 'start', '--json'])
  await printed(begun, 'stderr', SEEN[moment.phase], PHASE_MS)
  await new Promise((resolve) => setTimeout(resolve, moment.delayMs))
  const killedAt = users.now()
  const killed = kill(one, moment)
  if (moment.target === 'command' || moment.target === 'all') begun.child.kill('SIGKILL')
  if (!moment.good) users.x = 99
  const first = await within('the end of the release', END_MS, begun.done)
  let ran = first
  if (ran.code === null || ran.code === 7) {
    if (moment.phase === 'held') await here.typed('release accept --reason known')
    ran = await here.typed('release watch --json', 90_000)
  }
  users.x = null
  await users.more(5)
  const answers = users.answers.slice(from)
  const good = answers.filter(({ status, sent }) => status === 200 && sent > killedAt)
  const listened = good.reduce((first, { sent }) => Math.min(first, sent), Number.POSITIVE_INFINITY)
  const heard = good.reduce((first, { ended }) => Math.min(first, ended), Number.POSITIVE_INFINITY)
  // A 500 with a version on it is the answer of a bad candidate, which users were asked to bear.
  const missing = lost(answers).filter(({ status, version }) => status !== 500 || version === null)
  return {
    outcome: outcomeOf(ran),
    exit: ran.code,
    lost: faults(missing),
    unexplained: missing.filter(({ sent, ended }) => ended < killedAt || sent > listened),
    candidateHit: moment.target === 'server' && killed.some((pid) => !servers.has(pid)),
    silentMs: Math.round(heard - killedAt),
    stderr: `${first.stderr}\n${ran === first ? '' : ran.stderr}`,
  }
}

/** What did not come as it must. */
export function faultsOf(moment: Moment, came: Came): string[] {
  const { phase, target, good } = moment
  const where = `${phase}, ${target}, ${good ? 'good' : 'bad'} candidate`
  const wrong: string[] = []
  const wanted = good ? 'promoted' : 'rolled-back'
  const mayLeave = came.candidateHit && came.outcome === 'rolled-back'
  if (came.outcome !== wanted && !mayLeave) wrong.push(`${where}: ${came.outcome}, not ${wanted} (exit ${came.exit})`)
  if ((target === 'command' || target === 'host') && Object.keys(came.lost).length > 0)
    wrong.push(`${where}: lost ${JSON.stringify(came.lost)}`)
  if (target === 'data-plane' && came.unexplained.length > 0)
    wrong.push(`${where}: lost while somebody listened: ${JSON.stringify(came.unexplained.slice(0, 3))}`)
  return wrong.map((line) => `${line}\n${came.stderr.split('\n').slice(-25).join('\n')}`)
}
