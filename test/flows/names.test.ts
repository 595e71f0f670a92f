import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { liveNames, type NameSources } from '../../src/flows/names.ts'
import type { Project } from '../../src/flows/project.ts'
import { memoryFiles } from '../../src/io/files-memory.ts'

const config = { folder: '/p', model: 'digits', environments: { dev: {}, qa: {} } } as unknown as Config
const tags = [
  { model: 'digits', tag: 'v1' },
  { model: 'other', tag: 'v1' },
  { model: 'digits', tag: 'v2' },
]
const releases = [
  { name: 'digits-2', startedAt: 2 },
  { name: 'digits-1', startedAt: 1 },
]
const project = {
  store: { tags: async () => tags },
  journal: { snapshot: () => ({ seq: 9, environments: { dev: { releases } } }), read: () => [] },
} as unknown as Project

async function sources(paths: readonly string[]): Promise<NameSources & { opened: number }> {
  const files = memoryFiles()
  for (const path of paths) {
    await files.folder(dirname(path))
    await files.write(path, '')
  }
  const made = {
    opened: 0,
    config: async () => config,
    files,
    open: async () => {
      made.opened++
      return project
    },
  }
  return made
}

it('names what is there, newest first', async () => {
  const from = await sources([
    '/p/.slipway/journal.db',
    '/p/.slipway/store/index.json',
    '/p/.slipway/runs/r1/x',
    '/p/.slipway/runs/r2/x',
  ])
  expect(await liveNames('release', from)).toEqual(['digits-2', 'digits-1'])
  expect(await liveNames('version', from)).toEqual(['digits:v2', 'other:v1', 'digits:v1'])
  expect(await liveNames('model', from)).toEqual(['digits', 'other'])
  expect(await liveNames('environment', from)).toEqual(['dev', 'qa'])
  expect(await liveNames('run', from)).toEqual(['r2', 'r1'])
})

it('opens nothing, and so makes nothing, where there is no state yet', async () => {
  const from = await sources([])
  expect(await liveNames('release', from)).toEqual([])
  expect(await liveNames('version', from)).toEqual([])
  expect(await liveNames('model', from)).toEqual(['digits'])
  expect(await liveNames('run', from)).toEqual([])
  expect(from.opened).toBe(0)
})
