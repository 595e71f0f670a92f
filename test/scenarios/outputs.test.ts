/** What each command prints with --json is what `slipway schema` says of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { schemaNames } from '../../src/flows/schema.ts'
import { conform } from './conform.ts'
import { place } from './place.ts'
import { short } from './plans.ts'
import { TRAINING, teach } from './trained.ts'

const here = place({ config: { model: 'digits', training: TRAINING, release: short({ shadow: true }) } })
const { typed, seen } = here

beforeAll(async () => {
  teach(here.one)
  here.one.write('labels.csv', 'id,label\nsome,high\n')
  expect(await typed('release start')).toMatchObject({ code: 0 })
  here.come(60)
  expect(await typed('train run --pack --tag v2')).toMatchObject({ code: 0 })
  expect(await typed('release start digits:v2 --report r.json')).toMatchObject({ code: 0 })
  expect(await typed('quarantine add digits:v2 --reason "no"')).toMatchObject({ code: 0 })
})

/** Names of schemas that no command of a project prints here: they are seen where they belong. */
const ELSEWHERE = ['config', 'plan', 'initialized', 'error', 'note']

const PRINTED: Readonly<Record<string, readonly string[]>> = {
  asked: ['rollback --dry-run'],
  cancelled: ['train cancel run-0001'],
  completion: ['completion zsh'],
  diagnosis: ['doctor'],
  eval: ['eval run digits:v1'],
  explain: ['release explain', 'release explain digits-1'],
  help: ['help', 'help exit-codes', 'release start --help'],
  history: ['release history'],
  inspected: ['inspect digits:v2 --files --tensors', 'inspect ./model'],
  labelled: ['label add --file labels.csv --dry-run'],
  load: ['local load --set golden --rate 50 --for 1s --labels --label-delay 0s'],
  'local-done': ['local up', 'local down --dry-run'],
  'local-status': ['local status'],
  'log-line': ['local logs host --tail 1', 'train logs run-0001'],
  packed: ['pack --dry-run'],
  planned: ['plan digits:v1'],
  pruned: ['local prune --dry-run'],
  quarantine: ['quarantine list'],
  'quarantine-done': ['quarantine add digits:v1 --reason no --dry-run'],
  release: ['release status', 'release status digits-1'],
  'release-end': ['release watch', 'release watch digits-1', 'release start digits:v1 --dry-run'],
  report: ['release report'],
  schema: ['schema'],
  'training-run': ['train status run-0001'],
  'training-runs': ['train list'],
  unit: ['local service'],
  validated: ['validate'],
  version: ['version'],
}

describe('slipway schema', () => {
  for (const [name, lines] of Object.entries(PRINTED))
    it.each(lines)(`${name} is what \`%s\` prints`, async (line) => {
      const printed = await seen<{ $schema: string }>(line)
      expect(printed.$schema, JSON.stringify(printed)).toBe(`slipway.dev/${name}/v1`)
    })

  it('knows the report of a release', async () => {
    await conform(JSON.parse(readFileSync(join(here.one.folder, 'r.json'), 'utf8')))
  })

  it('knows what fails', async () => {
    const { stdout } = await typed('release status nothing --json')
    await conform(JSON.parse(stdout))
    await expect(conform({ ...JSON.parse(stdout), more: 1 })).rejects.toThrow('not what `slipway schema error` says')
  })

  it('knows nothing that is not seen', () => {
    const known = schemaNames().schemas.map(({ name }) => name)
    expect(known.filter((name) => !(name in PRINTED) && !ELSEWHERE.includes(name))).toEqual([])
  })
})
