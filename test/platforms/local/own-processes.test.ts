/** What of a project is ended with it, and what goes on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/io/clock.ts'
import { systemProcesses } from '../../../src/io/processes.ts'
import { ownProcesses } from '../../../src/platforms/local/own-processes.ts'

it('a load that goes on is ended and counted as one, and training is not ended', async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'slipway-own-'))
  const processes = systemProcesses()
  const own = ownProcesses({
    processes,
    clock: systemClock,
    stateFolder,
    projectFolder: stateFolder,
    command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    env: {},
  })
  const pids = [await own.again([], 'load'), await own.again([], 'train')] as const
  onTestFinished(() => {
    for (const pid of pids.filter((pid) => own.ownProcess(pid))) process.kill(pid, 'SIGKILL')
    rmSync(stateFolder, { recursive: true, force: true })
  })
  expect(await own.sweep()).toEqual({ loads: 1, left: 0 })
  await expect.poll(() => own.ownProcess(pids[0]), { timeout: 10_000 }).toBe(false)
  expect(own.ownProcess(pids[1])).toBe(true)
  expect(await own.sweep()).toEqual({ loads: 0, left: 0 })
})
