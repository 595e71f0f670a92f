import { expect, it } from 'vitest'
import { errorSchema } from '../../src/config/schema/error.ts'
import { completionSchema, helpSchema, versionSchema } from '../../src/flows/own-results.ts'
import { example, run } from './run.ts'

/** What each prints holds to the schema that its `$schema` names; nothing more, nothing less. */
for (const [line, schema] of [
  ['version --json', versionSchema],
  ['completion bash --json', completionSchema],
  ['help --json', helpSchema],
  ['help release --json', helpSchema],
  ['help release start --json', helpSchema],
  ['help exit-codes --json', helpSchema],
  ['nosuch --json', errorSchema],
  ['help nosuch --json', errorSchema],
  ['version --jsno --json', errorSchema],
] as const)
  it(`slipway ${line} holds to its schema`, async () => {
    const printed = JSON.parse((await example(line)).stdout)
    expect(schema.safeParse(printed).error?.issues ?? []).toEqual([])
    const name = printed.$schema.split('/')[1]
    const { stdout, code } = await run(['schema', name])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).$id).toBe(printed.$schema)
  })
