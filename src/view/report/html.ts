/** The report as one HTML file of at most 150 kB: no script, nothing from outside, the timeline as inline SVG. */
import { clockTime, isoTime } from '../../kit/when.ts'
import { spokenTime } from '../../record/figures.ts'
import { headline } from '../../record/headline.ts'
import type { ReleaseView, VersionView } from '../../record/types.ts'
import { escaped, outside, prose } from '../escape.ts'
import { answersSection } from './answers.ts'
import { eventLine } from './events.ts'
import { gateSection } from './gate-table.ts'
import { changesSection, examplesSection, journalSection, stepTable, undoSection } from './parts.ts'
import { PAGE_STYLE } from './style.ts'
import { timeline } from './timeline.ts'

/** Bytes that a report may have. */
const MOST = 150_000

/** How much is shown; coarser ones follow where it does not fit. */
interface Detail {
  readonly columns: number
  /** Journal entries from each end. */
  readonly journal: number
  readonly examples: number
  /** Letters of all whole answers together. */
  readonly answers: number
}
const DETAILS: readonly Detail[] = [
  { columns: 220, journal: 300, examples: 20, answers: 40_000 },
  { columns: 110, journal: 300, examples: 20, answers: 40_000 },
  { columns: 110, journal: 100, examples: 20, answers: 20_000 },
  { columns: 110, journal: 100, examples: 5, answers: 10_000 },
  { columns: 55, journal: 20, examples: 3, answers: 2_000 },
]

const BADGES: Readonly<Record<string, string>> = {
  promoted: '✓ promoted',
  'rolled-back': '↩ rolled-back',
  aborted: '↩ aborted',
  inconclusive: '↩ inconclusive',
  held: '‖ held',
  paused: '‖ paused',
  running: '▸ running',
}

function when(view: ReleaseView): string {
  const start = isoTime(view.startedAt).replace('T', ' ').replace('Z', '')
  return view.endedAt === null
    ? `since ${start} UTC; report of ${clockTime(view.now)}`
    : `${start} to ${clockTime(view.endedAt)} UTC`
}

const version = (v: VersionView): string =>
  `${outside(v.name)} <code>${v.digest.startsWith('sha256:') ? `${escaped(v.digest.slice(0, 23))}…${escaped(v.digest.slice(-4))}` : escaped(v.digest)}</code>`

function exitOf(view: ReleaseView): string {
  if (view.status === 'held') return '7, inconclusive, for those who waited'
  if (view.exit === null) return 'not yet: it still runs'
  if (view.cause?.kind === 'gate') return `${view.exit}, a gate failed: ${view.cause.gate}`
  return view.exit === 0 ? '0, promoted' : `${view.exit}, ${view.code ?? view.outcome}`
}

function gatesLine(view: ReleaseView): string {
  const deciding = view.plan.gates.filter((g) => g.decides).length
  const waived = view.plan.gates.filter((g) => g.waived !== null).length
  return `${deciding} ${deciding === 1 ? 'decides' : 'decide'}, ${waived === 0 ? 'none' : waived} waived`
}

function facts(view: ReleaseView): string {
  const commands = view.outcome === null ? view.commands.map((c) => `<br><code>${escaped(c)}</code>`).join('') : ''
  const asked = view.asked ?? 'Nothing for users.'
  const next = view.nextSentence === null ? '' : ` Next: ${view.nextSentence}.`
  const list: [string, string][] = [
    [view.outcome === null ? 'Who is affected' : 'Who was affected', `<bdi>${prose(view.affected)}</bdi>`],
    ['Now', `<bdi>${prose(`${view.nowSentence}${next}`)}</bdi>`],
    ['Asked of you', `<b>${prose(asked)}</b>${commands}`],
  ]
  return `<dl class="facts">${list.map(([name, text]) => `<div><dt>${name}</dt><dd>${text}</dd></div>`).join('')}</dl>\n`
}

function meta(view: ReleaseView): string {
  const horizon = `${spokenTime(view.plan.horizonMs)} of release time, ${spokenTime(view.clockMs)} used`
  const list: [string, string][] = [
    ['Candidate', version(view.candidate)],
    ['Started by', `${outside(view.startedBy)}, plan <code>${escaped(view.planHash.slice(0, 12))}</code>`],
    ['Baseline', view.baseline ? version(view.baseline) : 'none'],
    ['Exit', prose(exitOf(view))],
    ['Gates', gatesLine(view)],
    ['Horizon', prose(horizon)],
  ]
  return `<dl class="meta">${list.map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`).join('')}</dl>\n`
}

function head(view: ReleaseView): string {
  const state = view.outcome ?? view.status
  const unjudged =
    view.unjudged === null
      ? ''
      : `<p class="unjudged"><b>Not judged.</b> <bdi>${prose(view.unjudged.charAt(0).toUpperCase() + view.unjudged.slice(1))}.</bdi></p>\n`
  return `<header>
<p class="top"><span class="badge">${BADGES[state] ?? state}</span><span><b>${outside(view.release)}</b> in <b>${outside(view.environment)}</b></span><span>${prose(when(view))}</span></p>
${unjudged}<h1><bdi>${prose(headline(view))}.</bdi></h1>
${facts(view)}${meta(view)}</header>
`
}

function timelineSection(view: ReleaseView, columns: number): string {
  if (view.timeline.length < 2) return `<p>Too short to draw: no look was taken at traffic.</p>\n${stepTable(view)}`
  const { body, height, placed } = timeline(view, columns)
  const versions = `${view.baseline ? `<span class="nb">${outside(view.baseline.name)}, the baseline</span>, thin; ` : ''}<span class="nc">${outside(view.candidate.name)}, the candidate</span>, thick`
  const list = placed.map((one) => `<li><bdi>${prose(eventLine(one))}</bdi></li>`).join('')
  return `<p class="soft">Everything on one clock, from ${clockTime(view.startedAt)} UTC. ${versions}; bands around them: 95\u00a0% intervals. Grey area behind the dashed line: worse than allowed.</p>
<figure><svg class="tl" role="img" aria-labelledby="tl-t tl-d" width="100%" height="${height}">${body}</svg></figure>
${list === '' ? '' : `<ol class="events">${list}</ol>\n`}<p class="key">Lines show all evidence since the start, each step weighing the same for both versions; the watch begins anew. Solid bar under a strip: doubt, no step may end. ✓ the gate passed; × it failed. Grey column: release time stands still. Dotted: no look was taken, the counts came later.</p>
${stepTable(view)}`
}

function page(view: ReleaseView, detail: Detail): string {
  const sections: [string, string][] = [
    ['Timeline', timelineSection(view, detail.columns)],
    ['Gates', gateSection(view)],
    [
      view.baseline
        ? `What changed from ${outside(view.baseline.name)} to ${outside(view.candidate.name)}`
        : 'What changed',
      changesSection(view),
    ],
    ['Newly wrong and newly right', examplesSection(view, detail.examples)],
    ...(view.answers.length > 0
      ? [['Whole answers', answersSection(view, detail.answers)] satisfies [string, string]]
      : []),
    ['Journal', journalSection(view, detail.journal)],
    ['Undo and recompute', undoSection(view)],
  ]
  const body = sections
    .map(([title, inner], i) => `<section aria-labelledby="h${i}"><h2 id="h${i}">${title}</h2>\n${inner}</section>\n`)
    .join('')
  const title = `${view.release} ${view.outcome ?? view.status}: ${view.model} ${view.candidate.name} in ${view.environment}`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${PAGE_STYLE}</style></head>
<body><main>
${head(view)}${body}</main></body></html>
`
}

const bytes = (text: string): number => new TextEncoder().encode(text).length

export function reportHtml(view: ReleaseView): string {
  let text = ''
  for (const detail of DETAILS) {
    text = page(view, detail)
    if (bytes(text) <= MOST) break
  }
  return text
}
