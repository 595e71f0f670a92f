/** Which environment's answers `label add` means. */
import { expect, it } from 'vitest'
import { poolOf } from '../../src/evidence/pool.ts'
import { addLabels } from '../../src/flows/label.ts'
import type { Project } from '../../src/flows/project.ts'
import { openAnswers } from '../../src/io/answers.ts'
import { memoryClock } from '../../src/io/clock.ts'

it('takes a label for the environment named, else for dev', async () => {
  const answers = openAnswers(':memory:')
  const environments = Object.fromEntries(['dev', 'prod'].map((name) => [name, { name }]))
  const project = {
    answers,
    clock: memoryClock(1000),
    broken: null,
    config: { environments, evaluation: { labels: { arriveMs: 1, key: null } } },
  } as unknown as Project
  for (const name of ['dev', 'prod'])
    answers.put(poolOf(name), [{ id: name, key: 'mine', at: 1000, step: -1, arm: 'baseline', digest: 'd', user: 1 }])
  const add = (id: string, env?: string, dryRun = false) =>
    addLabels(project, { id, value: '1', env, dryRun, stdin: async () => '' })
  const joined = () => ['dev', 'prod'].map((name) => answers.joined(poolOf(name), 0).length)
  expect(await add('mine', 'prod', true)).toMatchObject({ taken: 1 })
  expect(await add('mine', 'prod')).toMatchObject({ taken: 1 })
  expect(joined()).toEqual([0, 1])
  expect(await add('mine')).toMatchObject({ taken: 1 })
  expect(joined()).toEqual([1, 1])
  // Not known in dev: kept, one or many alike.
  expect(await add('prod')).toMatchObject({ taken: 0, unknown: 1 })
  await expect(add(' dev')).rejects.toMatchObject({ code: 'LABEL_ID_UNKNOWN' })
  await expect(add('x', 'staging')).rejects.toMatchObject({ code: 'ENVIRONMENT_UNKNOWN' })
  answers.close()
})
