/** A report for continuous integration: one test case a gate. */
import { headline } from '../../record/headline.ts'
import type { GateView, ReleaseView } from '../../record/types.ts'
import { escaped } from '../escape.ts'
import { acceptedOf, numberLines, plainWords, verdictSentence } from '../explain.ts'
import { questionOf, worstFirst } from '../gate-figures.ts'

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3)

function element(tag: 'failure' | 'error' | 'skipped', message: string, body: string): string {
  return `      <${tag} message="${escaped(message)}">${escaped(body)}</${tag}>\n`
}

/** What a gate came to; a gate that does not decide, or that a person took for passed, is skipped, whatever it shows. */
function result(
  view: ReleaseView,
  gate: GateView,
  body: string,
): { tag: 'failure' | 'error' | 'skipped' | null; text: string } {
  const { plan, numbers } = gate
  const message = `${plainWords(view, gate)} ${verdictSentence(view, gate)}`
  const made = (tag: 'failure' | 'error' | 'skipped') => ({ tag, text: element(tag, message, body) })
  if (!plan.decides || acceptedOf(view, gate)) return made('skipped')
  if (numbers.verdict === 'fail') return made('failure')
  if (numbers.verdict === 'error') return made('error')
  if (numbers.verdict === 'pass') return { tag: null, text: '' }
  return view.outcome === null ? made('skipped') : made('failure')
}

/** The release itself, so that an end without a blamed gate is seen too. */
function releaseCase(view: ReleaseView): { tag: 'failure' | 'error' | 'skipped' | null; text: string } {
  const message = `${headline(view)}. ${view.affected} ${view.nowSentence}`
  const made = (tag: 'failure' | 'error' | 'skipped') => ({
    tag,
    text: element(tag, message, view.commands.join('; ')),
  })
  if (view.outcome === 'promoted') return { tag: null, text: '' }
  if (view.outcome === null) return made('skipped')
  return made(view.exit === 11 || view.exit === 5 ? 'error' : 'failure')
}

export function reportJunit(view: ReleaseView): string {
  const suite = `slipway.${view.environment}.${view.release}`
  const cases = [
    { name: 'release', question: headline(view), ...releaseCase(view) },
    ...worstFirst(view).map((gate) => {
      const body = numberLines(view, gate)
        .map(([name, text]) => `${name}: ${text}`)
        .join('; ')
      return { name: gate.plan.name, question: questionOf(view, gate), ...result(view, gate, body) }
    }),
  ]
  const count = (tag: string): number => cases.filter((one) => one.tag === tag).length
  const time = seconds((view.endedAt ?? view.now) - view.startedAt)
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${time}"`
  const body = cases.map(({ name, question, text }) => {
    const open = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}: ${escaped(question)}"`
    return text === '' ? `${open}/>\n` : `${open}>\n${text}    </testcase>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${totals}>
  <testsuite name="${escaped(suite)}" ${totals}>
${body.join('')}  </testsuite>
</testsuites>
`
}
