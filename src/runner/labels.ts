/** Labels joined to answers, and copies compared with copies, as evidence: each row once, in the order of joining. */
import type { Changed } from '../evidence/examples.ts'
import { agreementQuestion, joinedLate, labelQuestion, type Noise, type Question } from '../evidence/join.ts'
import type { LabelShare } from '../evidence/shares.ts'
import type { Evidence } from '../evidence/types.ts'
import type { PlanGate } from '../plan/types.ts'
import { type ReleaseId, releaseKey } from '../record/release-id.ts'
import type { ReleaseRuntime } from '../record/runtime.ts'
import { AnswerKeeper } from './answer-keeper.ts'
import type { RunnerDeps } from './deps.ts'
import type { Driven } from './orders.ts'

/** Rows taken at one look. */
const MOST_ROWS = 2000

interface Batch {
  readonly gate: string
  /** Rows up to this one are in it. */
  readonly upTo: number
  readonly evidence: readonly Evidence[]
  readonly noise: Noise | null
  readonly changed: readonly Changed[]
}
export interface Values {
  readonly evidence: readonly Evidence[]
  readonly taken: ReleaseRuntime['taken']
  readonly noise: ReleaseRuntime['noise']
}
type LabelsGate = Extract<PlanGate, { kind: 'quality' }>
type ValueGate = Extract<PlanGate, { kind: 'quality' | 'agreement' }>
const NO_NOISE: Noise = { bad: 0, pairs: 0 }

/** Reads the values of one release. Evaluators that are commands run beside the turns; their batch is taken when it is done. */
export class LabelReader {
  readonly #deps: RunnerDeps
  readonly #busy = new Set<string>()
  readonly #done = new Map<string, Batch>()
  readonly #kept: AnswerKeeper

  constructor(deps: RunnerDeps) {
    this.#deps = deps
    this.#kept = new AnswerKeeper(deps)
  }

  /** Writes down what is kept for reports, which `read` does now and then. */
  flush(id: ReleaseId): void {
    this.#kept.flush(id)
  }

  read(driven: Driven): Values {
    let { taken, noise } = driven.runtime
    const evidence: Evidence[] = []
    for (const gate of driven.plan.gates) {
      if (gate.kind !== 'agreement' && !(gate.kind === 'quality' && 'labels' in gate.source)) continue
      const batch = this.#next(driven, gate)
      if (!batch) continue
      evidence.push(...batch.evidence)
      taken = { ...taken, [gate.name]: batch.upTo }
      if (batch.noise) noise = { ...noise, [gate.name]: batch.noise }
      this.#kept.examples(driven, gate.name, batch.changed)
    }
    this.#kept.pairs(driven)
    this.#kept.write(driven)
    return { evidence, taken, noise }
  }

  #next(driven: Driven, gate: ValueGate): Batch | null {
    const from = driven.runtime.taken[gate.name] ?? 0
    const done = this.#done.get(gate.name)
    this.#done.delete(gate.name)
    if (done && done.upTo >= from) return done
    if (this.#busy.has(gate.name)) return null
    const asked = gate.kind === 'agreement' ? this.#agreement(driven, gate, from) : this.#labels(driven, gate, from)
    if (!asked) return gate.kind === 'agreement' ? null : this.#lateAlone(driven, gate, from)
    const { question, upTo } = asked
    const finish = (scores: readonly number[]): Batch => ({ gate: gate.name, upTo, ...question.read(scores) })
    const now = this.#deps.scoreNow(question.evaluator, question.items)
    if (now) return finish(now)
    this.#busy.add(gate.name)
    this.#deps
      .score(question.evaluator, question.items)
      .then(finish, (error: Error) => ({
        gate: gate.name,
        upTo: from,
        noise: null,
        changed: [],
        evidence: [
          { gate: gate.name, step: Math.max(0, driven.runtime.state.split.step), block: { error: error.message } },
        ],
      }))
      .then((batch) => {
        this.#done.set(gate.name, batch)
        this.#busy.delete(gate.name)
      })
    return null
  }

  /** What waited because the arms were labelled unlike, where they are alike by now. */
  #late(driven: Driven, gate: LabelsGate, shares: () => readonly LabelShare[]): Evidence[] {
    const { gates } = driven.runtime.state.judge
    const waits = (name: string) => Object.keys(gates[name]?.waits ?? {}).map((key) => Number.parseInt(key, 10))
    return joinedLate(driven.plan, gate, waits, shares)
  }

  /** No further label came, but what waits may count by now. */
  #lateAlone(driven: Driven, gate: LabelsGate, upTo: number): Batch | null {
    const evidence = this.#late(driven, gate, () => this.#deps.answers.labelledShares(releaseKey(driven)))
    return evidence.length === 0 ? null : { gate: gate.name, upTo, evidence, noise: null, changed: [] }
  }

  #labels(driven: Driven, gate: LabelsGate, from: number): Asked | null {
    const rows = this.#deps.answers.joined(releaseKey(driven), from, MOST_ROWS)
    const last = rows.at(-1)
    if (!last) return null
    const shares = this.#deps.answers.labelledShares(releaseKey(driven))
    const question = labelQuestion(driven.plan, gate, rows, shares)
    // Labels of one step come on while those of another wait.
    const late = this.#late(driven, gate, () => shares)
    const read = (scores: readonly number[]) => {
      const { evidence, changed } = question.read(scores)
      return { evidence: [...late, ...evidence], changed, noise: null }
    }
    return { upTo: last.seq, question: { ...question, read } }
  }

  #agreement(driven: Driven, gate: Extract<PlanGate, { kind: 'agreement' }>, from: number): Asked | null {
    const rows = this.#deps.answers.answersAfter(releaseKey(driven), from, MOST_ROWS)
    const last = rows.at(-1)
    if (!last) return null
    const noise = driven.runtime.noise[gate.name] ?? NO_NOISE
    const answers = rows.map((r) => r.answer)
    const question = agreementQuestion(driven.plan, gate, answers, noise)
    return {
      upTo: last.seq,
      question: { ...question, read: (scores) => ({ ...question.read(scores), changed: [] }) },
    }
  }
}
interface Asked {
  readonly upTo: number
  readonly question: Question<Pick<Batch, 'evidence' | 'noise' | 'changed'>>
}
