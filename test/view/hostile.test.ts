/** Names, reasons and answers that try to be markup, commands of a terminal, or text in another direction. */
import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../src/kit/screen.ts'
import type { ReleaseView } from '../../src/record/types.ts'
import { escaped, markdown, outside, prose } from '../../src/view/escape.ts'
import { explainText } from '../../src/view/explain.ts'
import { releaseEndText } from '../../src/view/release-end.ts'
import { reportHtml } from '../../src/view/report/html.ts'
import { reportJunit } from '../../src/view/report/junit.ts'
import { reportMarkdown } from '../../src/view/report/markdown.ts'
import { timelineSvg } from '../../src/view/report/timeline.ts'
import { statusText } from '../../src/view/status.ts'
import { watchLines } from '../../src/view/watch.ts'
import { held, rolledBack } from './example.ts'
import { malformed } from './markup.ts'

const EVIL = `"'><script>alert(1)</script>&lt;]]>\u001b[2J\u202e${'`'}|*_[x](javascript:a)<img src=x onerror=a>\ud800\n# head`

/** Every string that is not of a closed list becomes hostile; digests and kinds stay. */
function poisoned<T>(value: T, key = ''): T {
  if (typeof value === 'string')
    return (
      /^(kind|what|verdict|status|phase|outcome|code|where|schema|above|of|planHash)$/.test(key)
        ? value
        : `${EVIL}${value}`
    ) as T
  if (Array.isArray(value)) return value.map((one) => poisoned(one, key)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([k, one]) => [k, poisoned(one, k)])) as T
}

/** Keys of records (gates of the timeline) keep their names, so that strips are drawn. */
function evil(view: ReleaseView): ReleaseView {
  const bad = poisoned(view)
  const name = (gate: string) => `${EVIL}${gate}`
  return {
    ...bad,
    cause: view.cause?.kind === 'gate' ? { ...view.cause, gate: name(view.cause.gate) } : view.cause,
    timeline: view.timeline.map((point) => ({
      ...point,
      gates: Object.fromEntries(Object.entries(point.gates).map(([gate, strip]) => [name(gate), strip])),
    })),
  }
}

const views = { rolledBack: evil(rolledBack), held: evil(held) }

describe.each(Object.entries(views))('%s', (_name, view) => {
  it('is a well-formed page without a script or anything from outside', () => {
    const html = reportHtml(view)
    expect(malformed(html)).toBeNull()
    expect(html).not.toMatch(/<(script|img|iframe|link|object|embed)|javascript:a\)?"|\son\w+="|url\(/i)
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(html).toContain('[U+202E]')
  })
  it('has no element of HTML inside its SVG', () => {
    const svg = /<svg class="tl"[\s\S]*?<\/figure>/.exec(reportHtml(view))![0]
    expect(svg).not.toMatch(/<(bdi|span|b|p|div|table|code|small)\b/)
    const file = timelineSvg(view)
    expect(malformed(file)).toBeNull()
    expect(file).not.toMatch(/<script|<img/)
  })
  it('is well-formed XML for JUnit', () => {
    const xml = reportJunit(view)
    expect(malformed(xml)).toBeNull()
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800]/)
  })
  it('is Markdown without markup of theirs', () => {
    // What stands in fences and code spans is literal.
    const text = reportMarkdown(view).replace(/\n```\n[^`]*\n```\n|(?<!\\)`[^`]*`/g, '')
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/)
    expect(text).not.toMatch(/<script|<img|\n# head|[^\\]\]\(javascript/)
    expect(text.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1)
  })
  it('moves no cursor and turns no text on a terminal', () => {
    const screen = { width: 100, colour: false, unicode: true }
    for (const text of [
      explainText({ view, gate: null, users: null }, PLAIN),
      statusText(view, PLAIN),
      releaseEndText({ text: EVIL, view }, PLAIN),
      watchLines(view, { asking: true, said: EVIL }, 100, screen).join('\n'),
    ])
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(watchLines(view, { asking: false, said: null }, 100, screen).every((line) => !line.includes('\n'))).toBe(
      true,
    )
  })
})

it('escapes for each place', () => {
  expect(escaped(`<a b="c">'&`)).toBe('&lt;a b=&quot;c&quot;&gt;&#39;&amp;')
  expect(prose('95.1 % of 3 pp')).toBe('95.1\u00a0% of 3\u00a0pp')
  expect(outside('a\u202e<')).toBe('<bdi>a<span class="ctl">[U+202E]</span>&lt;</bdi>')
  expect(markdown('a|b\n*c* <d> `e`')).toBe('a\\|b\\\\n\\*c\\* &lt;d\\> \\`e\\`')
})
