import { expect, it } from 'vitest'
import { example } from './run.ts'

for (const [line, shows] of [
  ['completion bash', 'complete -F _slipway slipway'],
  ['completion fish', 'complete -c slipway'],
  ['help release start', 'slipway release start'],
  ['help exit-codes', 'bug in slipway'],
  ['version --json', '"$schema":"slipway.dev/version/v1"'],
] as const)
  it(`slipway ${line}`, async () => {
    const ran = await example(line)
    expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(shows) })
  })
