import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireLock, readHolder } from '../../../src/platforms/local/lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'lock '))
})
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const me = { pid: process.pid, startTime: 'now', version: '1.0.0' }
const MODULE = new URL('../../../src/platforms/local/lock.ts', import.meta.url).href

/** Another process that takes the lock and says whether it got it; it stays until it is killed. */
async function other() {
  const code = `const { acquireLock } = await import(${JSON.stringify(MODULE)});
    globalThis.lock = acquireLock(${JSON.stringify(folder)}, 'host', { pid: process.pid, startTime: 'then', version: '0.9.0' });
    console.log(globalThis.lock === null ? 'refused' : 'taken'); setInterval(() => {}, 1e6)`
  const child = spawn(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', code])
  started.push(child)
  const said = await new Promise<string>((settle) => child.stdout.once('data', (line) => settle(String(line).trim())))
  return {
    said,
    pid: child.pid!,
    kill: () =>
      new Promise((done) => {
        child.once('exit', done)
        child.kill('SIGKILL')
      }),
  }
}

test('held by one process only; SIGKILL gives it back', async () => {
  const holder = await other()
  expect(holder.said).toBe('taken')
  expect(acquireLock(folder, 'host', me)).toBeNull()
  expect(readHolder(folder, 'host')).toEqual({ pid: holder.pid, startTime: 'then', version: '0.9.0' })
  const late = await other()
  expect(late.said).toBe('refused')
  await late.kill()
  expect(acquireLock(folder, 'host', me)).toBeNull()
  await holder.kill()
  const lock = acquireLock(folder, 'host', me)
  expect(lock).not.toBeNull()
  expect(readHolder(folder, 'host')).toEqual(me)
  lock!.release()
})

test('released, it is free for others; a refused attempt of the holder itself takes nothing away', async () => {
  const lock = acquireLock(folder, 'host', me)!
  expect(acquireLock(folder, 'host', me)).toBeNull()
  const refused = await other()
  expect(refused.said).toBe('refused')
  await refused.kill()
  expect(lock.held()).toBe(true)
  lock.release()
  lock.release()
  expect(lock.held()).toBe(false)
  expect(readHolder(folder, 'host')).toBeNull()
  const taken = await other()
  expect(taken.said).toBe('taken')
  await taken.kill()
})

test('a lock whose folder was taken away protects nothing, and says so', () => {
  const lock = acquireLock(folder, 'host', me)!
  renameSync(folder, `${folder}gone`)
  expect(lock.held()).toBe(false)
  renameSync(`${folder}gone`, folder)
  expect(lock.held()).toBe(true)
  lock.release()
})

test('two names are two locks; a folder that is not there is told', () => {
  const [one, two] = [acquireLock(folder, 'host', me), acquireLock(folder, 'other', me)]
  expect([one === null, two === null]).toEqual([false, false])
  one?.release()
  two?.release()
  expect(() => acquireLock(join(folder, 'none'), 'host', me)).toThrow(expect.objectContaining({ code: 'PERMISSION' }))
})
