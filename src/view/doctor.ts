import { paint, type Screen } from '../kit/screen.ts'
import { visible } from '../kit/text.ts'

interface Shown {
  readonly checks: readonly {
    readonly check: string
    readonly outcome: 'ok' | 'warn' | 'fail'
    readonly text: string
    readonly remedy: string | null
    readonly fixed: string | null
  }[]
  readonly leftOut: readonly { readonly check: string; readonly why: string }[]
}
const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const

/** One line a finding; what was left out, and what to do, below. */
export function diagnosisText({ checks, leftOut }: Shown, screen: Screen): string {
  const lines: string[] = []
  const width = Math.max(...checks.map(({ check }) => check.length))
  for (const { check, outcome, text, remedy, fixed } of checks) {
    lines.push(`${paint(screen, COLOURS[outcome], outcome.padEnd(4))}  ${check.padEnd(width)}  ${visible(text)}`)
    if (fixed !== null) lines.push(`      fixed: ${visible(fixed)}`)
    if (remedy !== null) lines.push(`      remedy: ${visible(remedy)}`)
  }
  const byWhy = Map.groupBy(leftOut, ({ why }) => why)
  for (const [why, left] of byWhy) lines.push(`left out, for ${why}: ${left.map(({ check }) => check).join(', ')}`)
  const failed = checks.filter(({ outcome }) => outcome === 'fail').length
  const warned = checks.filter(({ outcome }) => outcome === 'warn').length
  lines.push(failed + warned === 0 ? 'all is well' : `${failed} failed, ${warned} warned`)
  return `${lines.join('\n')}\n`
}
