/** The sections of the HTML report below its head: what changed, examples, journal, undo. */
import { shorten } from '../../kit/text.ts'
import { formatCount, formatShare } from '../../kit/units.ts'
import { clockTime } from '../../kit/when.ts'
import { spokenTime } from '../../record/figures.ts'
import { envFlag } from '../../record/release-id.ts'
import { stepName } from '../../record/sentences.ts'
import type { ExampleView, NoteView, ReleaseView } from '../../record/types.ts'
import { countsLine } from '../counts-line.ts'
import { escaped, outside, prose } from '../escape.ts'
import { worstFirst } from '../gate-figures.ts'
import { htmlTable } from './html-table.ts'
import { stepRows, uncountedSentence } from './steps.ts'

/** Letters of an example's value. */
const LONGEST = 72

const code = (text: string): string => `<code>${escaped(text)}</code>`
const value = (given: unknown): string => outside(shorten(JSON.stringify(given) ?? 'no answer', LONGEST))

export function stepTable(view: ReleaseView): string {
  const [b, c] = [view.baseline?.name ?? 'baseline', view.candidate.name]
  const columns = [
    { head: 'Step' },
    { head: 'When' },
    { head: `${b} answered`, cls: 'num' },
    { head: `${c} answered`, cls: 'num' },
    { head: 'Failed', cls: 'num' },
    { head: 'Ended because' },
  ]
  const rows = stepRows(view).map((row) => ({
    cells: [
      prose(row.name),
      prose(row.when),
      row.baseline,
      row.candidate,
      row.failed,
      `<bdi>${prose(row.ended)}</bdi>`,
    ],
  }))
  const uncounted = uncountedSentence(view)
  return `${htmlTable('cards', columns, rows)}${uncounted === null ? '' : `<p class="key">${prose(uncounted)}</p>\n`}`
}

export function changesSection(view: ReleaseView): string {
  if (view.baseline === null) return '<p>Nothing to compare with: no version was the baseline.</p>\n'
  if (view.changes.length === 0)
    return '<p>Nothing that is recorded: files, tensors, command and lineage are the same.</p>\n'
  const columns = [
    { head: 'What' },
    { head: view.baseline.name, cls: 'num' },
    { head: view.candidate.name, cls: 'num' },
  ]
  const rows = view.changes.map(({ what, baseline, candidate }) => ({
    cells: [outside(what), ...[baseline, candidate].map((text) => outside(shorten(text, LONGEST)))],
  }))
  return htmlTable('plain', columns, rows)
}

function exampleTable(view: ReleaseView, title: string, all: readonly ExampleView[], most: number): string {
  if (all.length === 0) return `<div><h3>${title}</h3><p class="soft">None.</p></div>`
  const columns = [
    { head: 'Line or request' },
    { head: 'Right', cls: 'num' },
    ...(view.baseline ? [{ head: view.baseline.name, cls: 'num' }] : []),
    { head: view.candidate.name, cls: 'num' },
  ]
  const rows = all.slice(0, most).map((e) => ({
    cells: [
      code(shorten(e.id, LONGEST)),
      value(e.expect),
      ...(view.baseline ? [value(e.baseline)] : []),
      `<b>${value(e.candidate)}</b>`,
    ],
  }))
  return `<div><h3>${title}</h3>${htmlTable('tight', columns, rows)}</div>`
}

export function examplesSection(view: ReleaseView, most: number): string {
  const sets = view.gates.filter((gate) => gate.newlyWrong.length + gate.newlyRight.length > 0)
  if (sets.length === 0)
    return '<p>None: no line of an evaluation set, and no labelled request, came out differently.</p>\n'
  return sets
    .map((gate) => {
      const pairs = gate.steps.find(({ counts }) => counts.kind === 'pairs')
      const counts = pairs?.counts
      const of = pairs !== undefined && pairs.step < 0 ? 'lines' : 'labelled pairs'
      const sum =
        counts?.kind === 'pairs'
          ? `Of ${formatCount(counts.n)} ${of} ${formatCount(counts.x10)} newly wrong, ${formatCount(counts.x01)} newly right, ${formatCount(counts.x11)} wrong in both.`
          : ''
      const shown = `The worst ${Math.min(most, gate.newlyWrong.length)} and the best ${Math.min(most, gate.newlyRight.length)}; those kept are in the JSON.`
      return `<p><b>${outside(gate.plan.name)}</b>: ${prose(`${sum} ${shown}`.trim())}</p><div class="two">${exampleTable(view, 'Newly wrong', gate.newlyWrong, most)}${exampleTable(view, 'Newly right', gate.newlyRight, most)}</div>\n`
    })
    .join('')
}

/** Entries that changed what users got, or who decided. */
const WEIGHTY: readonly NoteView['what'][] = [
  'fault',
  'held',
  'paused',
  'resumed',
  'accepted',
  'taken-back',
  'promoted',
  'concluded',
]

export function journalSection(view: ReleaseView, most: number): string {
  const { notes } = view
  const row = (note: NoteView) => ({
    cells: [
      prose(spokenTime(note.at - view.startedAt)),
      clockTime(note.at),
      `<bdi>${note.what === 'started' || note.what === 'concluded' ? '' : `${escaped(note.what)}: `}${prose(shorten(note.text, 600))}</bdi>`,
    ],
    ...(WEIGHTY.includes(note.what) ? { cls: 'k' } : {}),
  })
  const left = notes.length - 2 * most
  const rows =
    left <= 0
      ? notes.map(row)
      : [
          ...notes.slice(0, most).map(row),
          { cells: [`<span class="soft">${formatCount(left)} more; all of them are in the JSON</span>`], whole: true },
          ...notes.slice(-most).map(row),
        ]
  return htmlTable('journal tight', [{ head: 'Since start' }, { head: 'UTC' }, { head: 'Entry' }], rows)
}

function countsTable(view: ReleaseView): string {
  const rows = worstFirst(view).flatMap((gate) =>
    gate.steps.map(({ step, counts }) => ({
      cells: [
        outside(gate.plan.name),
        prose(step < 0 ? 'sets' : stepName(view.plan.steps[step])),
        prose(countsLine(counts)),
      ],
    })),
  )
  return rows.length === 0 ? '' : htmlTable('plain', [{ head: 'Gate' }, { head: 'Step' }, { head: 'Counted' }], rows)
}

export function undoSection(view: ReleaseView): string {
  const { plan, release } = view
  const env = envFlag(view.environment)
  const undo =
    view.outcome === null
      ? 'It still runs. What can be asked of it now:'
      : view.outcome === 'promoted'
        ? 'To take users back to the former version:'
        : `Users are where they were; nothing is left to undo.${view.quarantined ? ' To allow the version again, against this report:' : ''}`
  const commands = view.commands.filter((command) => !command.includes(' report '))
  const deciding = plan.gates.filter((gate) => gate.decides).length
  return `<p><b>Undo.</b> <bdi>${prose(undo)}</bdi></p>${commands.length > 0 ? `<pre>${commands.map((command) => escaped(command)).join('\n')}</pre>` : ''}
<p><b>Recompute.</b> ${prose(`What was counted stands below and, look by look, in the JSON; with ${deciding} deciding gates, alpha ${formatShare(plan.alpha, 0)} and a horizon of ${spokenTime(plan.horizonMs)} it gives the evidence above.`)}</p>
<pre>slipway release report ${escaped(release + env)} --format json -o ${escaped(release)}.json
slipway release explain ${escaped(release + env)}</pre>
${countsTable(view)}`
}
