/** Evidence of a look -> the judge's action, with what changed told to people. */
import { verdictOf } from '../gates/gate.ts'
import { meanLogFail } from '../gates/judge.ts'
import { judgePlanOf } from '../gates/judge-plan.ts'
import { logMean } from '../gates/stats/evalues.ts'
import { WATCH_ALPHA } from '../gates/stats/rule.ts'
import type { JudgeAction, JudgeState } from '../gates/types.ts'
import { formatCount } from '../kit/units.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { note, type Turn } from './turn.ts'

function evidenceText(ln: number): string {
  if (ln > Math.log(1e6)) return 'over 1,000,000'
  return ln >= Math.log(10) ? formatCount(Math.exp(ln)) : Math.exp(ln).toFixed(2)
}

/** Why the release failed, with the number that decided. */
function failureText(plan: ReleasePlan, judge: JudgeState): string {
  const gate = judge.blame!
  if (judge.sets[gate] === 'fail') return `${gate} failed: the set's answers are worse by more than the plan allows`
  if (judge.watch) {
    const mean = logMean(Object.values(judge.watch.gates).map((one) => one.lnFail))
    if (mean >= -Math.log(WATCH_ALPHA)) return `${gate} failed in the watch: evidence ${evidenceText(mean)} against 50`
  }
  const mean = meanLogFail(judgePlanOf(plan), judge)
  const bar = 2 / plan.alpha
  if (mean >= Math.log(bar)) return `${gate} failed: evidence ${evidenceText(mean)} against ${bar}`
  return `${gate} failed the test at the horizon`
}

function tellVerdicts(turn: Turn, before: JudgeState, after: JudgeState): void {
  for (const name of Object.keys(after.gates)) {
    const old = before.gates[name]!
    const gate = after.gates[name]!
    if (old === gate) continue
    const verdict = verdictOf(gate)
    if (verdict === verdictOf(old) && gate.error === old.error) continue
    if (verdict === 'fail' && after.blame === name) note(turn, 'verdict', failureText(turn.plan, after))
    else if (gate.error !== null) note(turn, 'verdict', `${name}: ${verdict}, ${gate.error}`)
    else
      note(
        turn,
        'verdict',
        `${name}: ${verdict} (evidence against it ${evidenceText(gate.lnFail)}, for it ${evidenceText(gate.lnPass)})`,
      )
  }
}

/** Where the present step may not be left, it is judged without being left. */
export function judged(turn: Turn): JudgeAction {
  const { plan, state, rules } = turn
  const look = turn.look!
  const evidence = look.evidence.filter((piece) => rules.counts(plan, state, look, piece))
  const options = { advanced: state.advanced, paused: state.status === 'paused' }
  let result = rules.judge(plan, state.judge, state.clockMs, evidence, options)
  const leaves = result.action === 'next' || result.action === 'full' || result.action === 'done'
  if (leaves && !rules.mayGoOn(plan, state))
    result = rules.judge(plan, state.judge, state.clockMs, evidence, { ...options, paused: true })
  tellVerdicts(turn, state.judge, result.state)
  state.judge = result.state
  return result.action
}
