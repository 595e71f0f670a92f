/** `eval run`: asks a version the lines of evaluation sets, outside any release, and judges the answers. */
import { join, resolve } from 'node:path'
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { type EvaluationSet, parseSet } from '../evidence/sets.ts'
import { nearest, visible } from '../kit/text.ts'
import { evaluatedMarkdown } from '../view/eval.ts'
import { answersOf } from './eval-answers.ts'
import { evaluatedOf, gateFor } from './eval-judge.ts'
import { type Evaluated, type EvaluatedSet, exitOfVerdict, worstVerdict } from './eval-result.ts'
import { environmentConfig, type Project } from './project.ts'
import { type Resolved, resolveVersion } from './resolve.ts'
import { servedOf } from './served.ts'

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
  readonly signal: AbortSignal
  say(line: string): void
}
const MOST_BYTES = 256 * 2 ** 20

async function readSets(project: Project, options: EvalFlowOptions): Promise<Record<string, EvaluationSet>> {
  const { sets } = project.config.evaluation
  const names = Object.keys(sets)
  if (options.set !== undefined && !Object.hasOwn(sets, options.set)) {
    const near = nearest(options.set, names)
    const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
    throw new SlipwayError(
      'USAGE',
      `slipway.yaml has no evaluation set ${JSON.stringify(visible(options.set))}; ${has}`,
      {
        next: near ? [`--set ${near}`] : ['slipway validate'],
      },
    )
  }
  if (names.length === 0)
    throw new SlipwayError('USAGE', 'slipway.yaml has no evaluation set; add `evaluation.sets.golden: {path: …}`', {
      where: [{ file: 'slipway.yaml', pointer: '/evaluation/sets' }],
    })
  const read: Record<string, EvaluationSet> = {}
  for (const name of options.set === undefined ? names : [options.set]) {
    const { path, evaluator } = sets[name]!
    const whole = parseSet(await project.files.read(join(project.folder, path), MOST_BYTES), path, evaluator)
    read[name] = options.limit === undefined ? whole : { ...whole, lines: whole.lines.slice(0, options.limit) }
  }
  return read
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
  const sets = await readSets(project, options)
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
  const candidate = await resolveVersion(project, options.ref, false)
  const baseline = options.baseline === undefined ? null : await resolveVersion(project, options.baseline, false)
  const sets = await judged(project, environment, candidate, baseline, options)
  const verdict = worstVerdict(sets.map((set) => set.verdict))
  const result: Evaluated = {
    model: project.config.model,
    version: named(candidate),
    baseline: baseline && named(baseline),
    sets,
    verdict,
    exit: exitOfVerdict(verdict),
  }
  if (options.report !== undefined) {
    const json = JSON.stringify({ $schema: 'slipway.dev/eval/v1', ...result }, null, 2)
    const text = options.report.endsWith('.json') ? `${json}\n` : evaluatedMarkdown(result)
    await project.files.write(resolve(project.cwd, options.report), text, { mode: 0o644 })
  }
  return result
}
