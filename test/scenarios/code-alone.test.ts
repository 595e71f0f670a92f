/** A server whose weights lie in its code: from `init` to its second version, as typed. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePorts } from './harness.ts'
import { place } from './place.ts'

const here = place()
const { typed, serving } = here

const server = (weight: number) => `import { createServer } from 'node:http'
const port = Number(process.argv[process.argv.indexOf('--port') + 1])
createServer((_, response) => response.end(JSON.stringify({ label: ${weight} }))).listen(port, '127.0.0.1')
`

it('is released by init and release start alone', async () => {
  const { one } = here
  for (const path of ['slipway.yaml', 'model', 'golden.jsonl']) rmSync(join(one.folder, path), { recursive: true })
  one.write('server.mjs', server(1))
  const [port] = await freePorts(1)
  const begun = await typed(`init --model scale -- node server.mjs --port ${port}`)
  expect(begun).toMatchObject({ code: 0, stdout: expect.stringContaining('a version is its code alone') })
  const where = `environments: {dev: {platform: local, listen: "127.0.0.1:${one.listen}", control: "127.0.0.1:${one.control}"}}`
  one.write(
    'slipway.yaml',
    `apiVersion: slipway.dev/v1\nmodel: scale\nserving: {command: [node, server.mjs, --port, "{port}"]}\n${where}\n`,
  )
  expect(await typed('validate')).toMatchObject({ code: 0 })
  const first = await typed('release start')
  expect([first.code, first.stderr]).toEqual([0, expect.anything()])
  expect(await serving()).toBe('v1')
  expect(await (await fetch(one.url, { method: 'POST' })).json()).toEqual({ label: 1 })
  one.write('server.mjs', server(2))
  expect(await typed('release start --no-baseline --reason new')).toMatchObject({ code: 0 })
  expect(await (await fetch(one.url, { method: 'POST' })).json()).toEqual({ label: 2 })
})
