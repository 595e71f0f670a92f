import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXITS } from '../../src/errors.ts'
import { ROOT, run } from './run.ts'

interface Manifest {
  readonly commands: Readonly<Record<string, { readonly summary?: string; readonly hidden?: boolean }>>
}
const { commands } = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as Manifest

describe('the first page', () => {
  for (const words of [[], ['help'], ['--help'], ['-h'], ['help', '-h']])
    it(`is what \`slipway ${words.join(' ')}\` shows`, async () => {
      const { code, stdout, stderr } = await run(words)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('slipway release start')
      expect(stdout.split('\n').length).toBeLessThanOrEqual(42)
      for (const [id, { hidden }] of Object.entries(commands))
        if (!hidden) for (const word of id.split(':')) expect(stdout).toMatch(new RegExp(`\\b${word}\\b`))
    })
})

describe('the page of a command', () => {
  it('is the same by every way to it', async () => {
    const { stdout } = await run(['help', 'completion'])
    for (const words of [
      ['completion', '--help'],
      ['completion', '-h'],
      ['completion', 'bash', '--help'],
      ['--help', 'completion'],
    ])
      expect(await run(words)).toMatchObject({ code: 0, stdout, stderr: '' })
    expect(stdout).toMatch(/USAGE\n.*slipway completion SHELL(.|\n)*EXAMPLES\n.*slipway completion bash(.|\n)*FLAGS/)
  })

  it('is an object with --json', async () => {
    const page = JSON.parse((await run(['help', 'completion', '--json'])).stdout)
    expect(page).toMatchObject({ $schema: 'slipway.dev/help/v1', page: 'command', command: 'completion' })
    expect(page.args).toEqual([{ name: 'shell', required: true, summary: expect.any(String) }])
    expect(page.examples).toContain('slipway completion bash')
    expect(JSON.parse((await run(['completion', '--help', '--json'])).stdout)).toEqual(page)
  })
})

it('the exit table is the one of the code', async () => {
  const { stdout } = await run(['help', 'exit-codes'])
  for (const [exit, meaning] of Object.entries(EXITS)) expect(stdout).toContain(`${exit.padStart(3)}  ${meaning}`)
  const page = JSON.parse((await run(['help', 'exit-codes', '--json'])).stdout)
  expect(page.exits).toHaveLength(Object.keys(EXITS).length)
})

it('a page that does not exist is exit 2 with a suggestion', async () => {
  const ran = await run(['help', 'exit-code', '--json'])
  expect(ran.code).toBe(2)
  expect(JSON.parse(ran.stdout).error).toMatchObject({ code: 'COMMAND_UNKNOWN', next: ['slipway help exit-codes'] })
})

it('a topic with --json is no answer', async () => {
  expect((await run(['--json'])).code).toBe(2)
})
