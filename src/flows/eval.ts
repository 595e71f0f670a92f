/** `eval run`: asks a version the lines of evaluation sets, outside any release, and judges the answers. */
import { resolve } from 'node:path'
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { evaluatedMarkdown } from '../view/eval.ts'
import { answersOf } from './eval-answers.ts'
import { evaluatedOf, gateFor } from './eval-judge.ts'
import { type Evaluated, type EvaluatedSet, exitOfVerdict, worstVerdict } from './eval-result.ts'
import { setsAsked } from './eval-sets.ts'
import { environmentConfig, type Project } from './project.ts'
import { type Resolved, resolveVersion } from './resolve.ts'
import { servedOf } from './served.ts'
import { undoOfFile } from './undo-file.ts'

export interface EvalFlowOptions {
  readonly env?: string | undefined
  readonly ref?: string | undefined
  /** Left out: every set of slipway.yaml. */
  readonly set?: string | undefined
  readonly baseline?: string | undefined
  /** Only so many of the first lines. */
  readonly limit?: number | undefined
  /** A .json or .md file. */
  readonly report?: string | undefined
  /** Start, pack and write nothing. */
  readonly dryRun: boolean
  readonly signal: AbortSignal
  say(line: string): void
}
/** Answers of one version, and what they are called. */
const named = ({ version, tag }: Resolved) => ({ digest: version.digest, tag })
const nameOf = (resolved: Resolved): string => resolved.tag ?? resolved.version.digest.slice(7, 19)

async function judged(
  project: Project,
  environment: EnvironmentConfig,
  candidate: Resolved,
  baseline: Resolved | null,
  options: EvalFlowOptions,
): Promise<EvaluatedSet[]> {
  const sets = await setsAsked(project, options)
  const servers = await project.evalServers()
  const scorer = project.scorer()
  try {
    const ask = (resolved: Resolved) =>
      answersOf(project, servers, servedOf(project, environment, resolved.version, resolved.tag), nameOf(resolved), {
        ...options,
        sets,
      })
    // One after the other: what fits once need not fit twice.
    const before = baseline === null ? null : await ask(baseline)
    const answers = await ask(candidate)
    const results: EvaluatedSet[] = []
    for (const [name, { lines }] of Object.entries(sets)) {
      const gate = gateFor(environment, name, project.config.evaluation.sets[name]!.evaluator)
      const scored = (evaluator: typeof gate.evaluator, items: Parameters<typeof scorer.score>[1]) =>
        scorer.score(evaluator, items)
      results.push(await evaluatedOf(name, gate, lines, answers[name]!, before?.[name] ?? null, scored))
    }
    return results
  } finally {
    await Promise.all([servers.stop(), scorer.close()])
  }
}

/**
 * Evaluates a version; REF left out: packs what slipway.yaml says. Throws SET_INVALID, REF_UNKNOWN, EVALUATOR_FAILED, and what a
 * server that does not come up is called by.
 */
export async function evalRun(project: Project, options: EvalFlowOptions): Promise<Evaluated> {
  if (options.report !== undefined && !/\.(json|md)$/.test(options.report))
    throw new SlipwayError('USAGE', '--report takes a file that ends in .json or .md')
  const environment = environmentConfig(project.config, options.env)
  const { dryRun } = options
  const candidate = await resolveVersion(project, options.ref, dryRun)
  const baseline = options.baseline === undefined ? null : await resolveVersion(project, options.baseline, dryRun)
  const asked = { model: project.config.model, version: named(candidate), baseline: baseline && named(baseline) }
  if (dryRun) {
    const lines = Object.entries(await setsAsked(project, options)).map(
      ([name, set]) => `${set.lines.length} of ${name}`,
    )
    const would = `would ask ${[baseline, candidate].flatMap((one) => (one ? [nameOf(one)] : [])).join(' and ')} the lines ${lines.join(', ')}`
    return { ...asked, sets: [], verdict: null, exit: 0, would, undo: null }
  }
  const sets = await judged(project, environment, candidate, baseline, options)
  const verdict = worstVerdict(sets.map((set) => set.verdict))
  const result: Evaluated = {
    ...asked,
    sets,
    verdict,
    exit: exitOfVerdict(verdict),
    would: null,
    undo: await undoOfFile(project, options.report),
  }
  if (options.report !== undefined) {
    const json = JSON.stringify({ $schema: 'slipway.dev/eval/v1', ...result }, null, 2)
    const text = options.report.endsWith('.json') ? `${json}\n` : evaluatedMarkdown(result)
    await project.files.write(resolve(project.cwd, options.report), text, { mode: 0o644 })
  }
  return result
}
