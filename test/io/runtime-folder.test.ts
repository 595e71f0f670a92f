import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runtimeFolder, SOCKET_PATH_BYTES, socketPath } from '../../src/io/runtime-folder.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'rt'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A state folder, and a runtime folder of the user as a login makes it. */
function setting(name = 'run') {
  const state = join(root, '.slipway')
  const xdg = join(root, name)
  mkdirSync(state, { recursive: true })
  mkdirSync(xdg, { mode: 0o700 })
  return { state, xdg }
}

test('below XDG_RUNTIME_DIR, open to nobody else', () => {
  const { state, xdg } = setting()
  const folder = runtimeFolder(state, { XDG_RUNTIME_DIR: xdg })
  expect(folder.startsWith(join(xdg, 'slipway/'))).toBe(true)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('one project has one folder, whatever the shell says later', () => {
  const { state, xdg } = setting()
  const folder = runtimeFolder(state, { XDG_RUNTIME_DIR: xdg })
  expect(runtimeFolder(state, {})).toBe(folder)
  // After a reboot the user's folder is there again, and empty.
  rmSync(join(xdg, 'slipway'), { recursive: true })
  expect(runtimeFolder(state, {})).toBe(folder)
  // Where it is not, another one is chosen and kept.
  rmSync(xdg, { recursive: true })
  symlinkSync('/nowhere', xdg)
  const other = runtimeFolder(state, {})
  expect(other).not.toBe(folder)
  expect(readFileSync(join(state, 'runtime'), 'utf8').trim()).toBe(other)
  expect(runtimeFolder(state, { XDG_RUNTIME_DIR: xdg })).toBe(other)
  rmSync(other, { recursive: true })
})

test('two projects have two folders', () => {
  const { state, xdg } = setting()
  mkdirSync(join(root, 'other'))
  const env = { XDG_RUNTIME_DIR: xdg }
  expect(runtimeFolder(state, env)).not.toBe(runtimeFolder(join(root, 'other'), env))
})

test.each([
  ['open to others', (xdg: string) => chmodSync(xdg, 0o777)],
  ['not there', (xdg: string) => rmSync(xdg, { recursive: true })],
])('an XDG_RUNTIME_DIR that is %s is not used', (_, spoil) => {
  const { state, xdg } = setting()
  spoil(xdg)
  const folder = runtimeFolder(state, { XDG_RUNTIME_DIR: xdg })
  expect(folder.startsWith(xdg)).toBe(false)
  expect(statSync(folder).mode & 0o077).toBe(0)
  rmSync(folder, { recursive: true })
})

test('a path too long for sockets is not used; names too long are shortened', () => {
  const { state, xdg } = setting('x'.repeat(90))
  const folder = runtimeFolder(state, { XDG_RUNTIME_DIR: xdg })
  expect(folder.startsWith(xdg)).toBe(false)
  expect(socketPath(folder, 'host')).toBe(join(folder, 'host.sock'))
  const long = socketPath(folder, 'e'.repeat(120))
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(SOCKET_PATH_BYTES)
  expect(long).not.toBe(socketPath(folder, 'f'.repeat(120)))
  rmSync(folder, { recursive: true })
})
