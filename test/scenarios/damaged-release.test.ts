/** A release whose state in the journal is damaged while it runs: a person takes users back all the same. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { running } from './killing.ts'
import { place } from './place.ts'
import { short } from './plans.ts'
import { faults } from './users.ts'

const here = place({ config: { release: short({ canary: '10m', watch: '10m', more: { horizon: '30m' } }) } })
const { typed, packed, serving } = here

it('rollback ends it, no request is lost, and its views can be read', async () => {
  expect(await typed('release start')).toMatchObject({ code: 0 })
  here.come(60)
  await here.users.more(120)
  const before = await serving()
  await packed('v2', { threshold: 5.5 })
  expect(await typed('release start scale:v2 --detach')).toMatchObject({ code: 0 })
  await here.users.more(120)
  for (const pid of running(here.one, ['host'])) process.kill(pid, 'SIGKILL')
  const db = new DatabaseSync(join(here.one.folder, '.slipway', 'journal.db'), { timeout: 5000 })
  const { changes } = db
    .prepare(
      "UPDATE snapshots SET data = json_set(data, '$.state.judge', json('null')) WHERE key = 'release:dev/scale-2'",
    )
    .run()
  db.close()
  expect(changes).toBe(1)
  expect(await here.one.fails(['release', 'status'])).toMatchObject({
    code: 'JOURNAL_DAMAGED',
    next: ['slipway rollback', 'slipway release abort scale-2'],
  })
  expect(await typed('local status')).toMatchObject({ code: 0 })
  expect(await typed('rollback --reason broken')).toMatchObject({ code: 0 })
  expect(await serving()).toBe(before)
  expect((await typed('release history')).stdout).toMatch(/^scale-2 .*rolled-back/m)
  expect(await typed('release explain scale-2')).toMatchObject({ code: 0, stdout: expect.stringContaining('broken') })
  expect(faults(await here.users.stop())).toEqual({})
  expect(await typed('release start scale:v2 --detach')).toMatchObject({ code: 0 })
}, 120_000)
