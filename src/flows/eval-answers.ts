/** Where an evaluation gets its answers: from a server that an environment runs already, or from one started for it. */
import { SlipwayError } from '../errors.ts'
import { askLines, LINE_MS } from '../evidence/ask-lines.ts'
import type { LineAnswer } from '../evidence/set-answers.ts'
import type { EvaluationSet } from '../evidence/sets.ts'
import type { EvalServers } from '../platforms/contract.ts'
import type { Served } from '../record/entries.ts'
import type { Project } from './project.ts'

export interface Asked {
  /** Answers per set, in the order of its lines. */
  readonly answers: Readonly<Record<string, readonly LineAnswer[]>>
}
export interface AskOptions {
  readonly sets: Readonly<Record<string, EvaluationSet>>
  readonly signal: AbortSignal
  say(line: string): void
}

/** A ready server that the host runs for this version anyway. */
async function running(project: Project, digest: string): Promise<string | null> {
  const servers = await project.host.servers()
  const versions = Object.values(servers?.environments ?? {}).flatMap((environment) => environment.versions)
  return versions.find((version) => version.digest === digest && version.state === 'ready')?.addresses[0] ?? null
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(new SlipwayError('INTERRUPTED', 'interrupted; what was started for it is stopped'))
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
  })

/** Asks all lines of all sets. CRASHED where the server that was started for it ends meanwhile. */
export async function answersOf(
  project: Project,
  servers: EvalServers,
  served: Served,
  name: string,
  { sets, signal, say }: AskOptions,
): Promise<Asked['answers']> {
  const digest = served.digest as `sha256:${string}`
  const there = await running(project, digest)
  if (there === null) say(`starting ${name}`)
  const { run, shell, envFile } = served
  const address = there ?? (await servers.start({ digest, run, shell, envFile }, signal))
  const answers: Record<string, readonly LineAnswer[]> = {}
  for (const [set, { lines }] of Object.entries(sets)) {
    say(`asking ${name} ${lines.length} lines of ${set}${there === null ? '' : ', of the server that runs already'}`)
    let silent = false
    const asked = askLines(lines, project.config.evaluation.request, async (request) => {
      const answer = await servers.ask(address, request, served.answer, LINE_MS)
      if (answer.status === null) silent = true
      return answer
    })
    answers[set] = await Promise.race([asked, aborted(signal)])
    const broke = there === null ? await servers.broke(digest, silent) : null
    if (broke !== null) throw new SlipwayError('CRASHED', `${name} broke while it was asked ${set}: ${broke}`)
  }
  return answers
}
