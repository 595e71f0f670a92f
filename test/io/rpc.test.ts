import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { connectRpc, type RpcServer, serveRpc } from '../../src/io/rpc.ts'

let folder: string
let path: string
let server: RpcServer | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sw-'))
  path = join(folder, 's.sock')
})
afterEach(async () => {
  await server?.close()
  server = null
  rmSync(folder, { recursive: true, force: true })
})

it('answers calls, also out of order and in parts of a line', async () => {
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  server = await serveRpc(path, async (method, params) => {
    if (method === 'slow') await held
    return { method, params }
  })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const client = await connectRpc(path)
  const slow = client.call('slow', { text: 'é'.repeat(100_000) })
  expect(await client.call('fast', 1)).toEqual({ method: 'fast', params: 1 })
  release()
  expect(await slow).toEqual({ method: 'slow', params: { text: 'é'.repeat(100_000) } })
  client.close()
})

it('hands errors over with their code', async () => {
  server = await serveRpc(path, () => {
    throw new SlipwayError('QUARANTINED', 'no')
  })
  const client = await connectRpc(path)
  await expect(client.call('x')).rejects.toMatchObject({ code: 'QUARANTINED', message: 'no' })
  client.close()
})

it('says so where nobody listens, and where the other side goes away', async () => {
  await expect(connectRpc(path)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' })
  server = await serveRpc(path, () => new Promise(() => {}))
  const client = await connectRpc(path)
  const call = client.call('x')
  await server.close()
  await expect(call).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' })
  await client.closed
})

it('refuses another version of the calls and survives garbage', async () => {
  server = await serveRpc(path, () => 'fine')
  const reply = await new Promise<string>((resolve) => {
    const socket = connect(path)
    socket.on('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.write('{"id": 1, "v": 99, "method": "x", "params": null}\n')
  })
  expect(JSON.parse(reply)).toMatchObject({ id: 1, error: { code: 'HOST_ELSEWHERE' } })
  const raw = connect(path)
  raw.write('garbage\n')
  await new Promise((resolve) => raw.once('data', resolve))
  raw.destroy()
  const client = await connectRpc(path)
  expect(await client.call('x')).toBe('fine')
  client.close()
})
