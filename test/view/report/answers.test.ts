import { describe, expect, it } from 'vitest'
import type { WholePair } from '../../../src/evidence/whole-pairs.ts'
import type { ReleaseView } from '../../../src/record/types.ts'
import { reportHtml } from '../../../src/view/report/html.ts'
import { reportJson } from '../../../src/view/report/json.ts'
import { reportMarkdown } from '../../../src/view/report/markdown.ts'
import { rolledBack } from '../example.ts'

const answer = (text: string, cut = false) => ({ status: 200, text, cut })
const pair = (id: string, baseline: string, candidate: string | null): WholePair => ({
  id,
  at: 0,
  differ: true,
  baseline: answer(baseline),
  candidate: candidate === null ? null : answer(candidate),
})
const withAnswers = (answers: readonly WholePair[]): ReleaseView => ({ ...rolledBack, answers })
const bytes = (text: string) => new TextEncoder().encode(text).length

describe('whole answers in reports', () => {
  const view = withAnswers([
    pair('r1', '{"label": 7}\n<script>alert(1)</script>', '```\n</pre><img src=x>\u202e'),
    pair('r2', 'plain', null),
  ])
  it('are shown escaped, with their line ends', () => {
    const html = reportHtml(view)
    expect(html).toContain('<h2 id="h4">Whole answers</h2>')
    expect(html).toContain('Of the 2 pairs kept 2 disagree')
    expect(html).toContain('{&quot;label&quot;: 7}\n&lt;script&gt;alert(1)&lt;/script&gt;</pre>')
    expect(html).toContain('&lt;/pre&gt;&lt;img src=x&gt;[U+202E]')
    expect(html).not.toContain('<img')
    expect(html).toContain('no text or JSON')
    const text = reportMarkdown(view)
    expect(text).toContain('## Whole answers')
    expect(text).toContain("```\n'''\n</pre><img src=x>[U+202E]\n```")
    expect(JSON.parse(reportJson(view)).answers).toEqual(view.answers)
  })
  it('are not mentioned where none are kept', () => {
    expect(reportHtml(rolledBack)).not.toContain('Whole answers')
    expect(reportMarkdown(rolledBack)).not.toContain('Whole answers')
  })
  it('fit, however long they are', () => {
    const many = Array.from({ length: 20 }, (_, i) => pair(`r${i}`, '"<&>'.repeat(16_000), '`*_'.repeat(20_000)))
    expect(bytes(reportHtml(withAnswers(many)))).toBeLessThanOrEqual(150_000)
    expect(bytes(reportMarkdown(withAnswers(many)))).toBeLessThanOrEqual(64_000)
  })
})
