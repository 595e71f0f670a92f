import { describe, expect, it } from 'vitest'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryFiles } from '../../src/io/files-memory.ts'
import { countedFiles, progressLine, terminalProgress } from '../../src/io/progress.ts'
import { memoryTerminal } from '../../src/io/terminal.ts'

const MIB = 2 ** 20
/** Ten steps of 10 MiB each, `stepMs` apart. */
function worked(stepMs: number, talkLive: boolean): string {
  const clock = memoryClock()
  const terminal = memoryTerminal({ talkLive })
  const progress = terminalProgress(terminal, clock)
  progress.begin('packing', 100 * MIB)
  for (let step = 0; step < 10; step++) {
    clock.advance(stepMs)
    progress.advance(10 * MIB)
  }
  progress.end()
  expect(terminal.written.stdout).toBe('')
  return terminal.written.stderr
}

describe('progress', () => {
  it('of what is over in a second is nothing', () => {
    expect(worked(99, true)).toBe('')
    expect(worked(99, false)).toBe('')
  })

  it('is a line at the start and at the end where nobody looks', () => {
    expect(worked(500, false)).toBe('packing: 20 MiB of 100 MiB, 20 MiB/s, 4s left\npacking: 100 MiB in 5s\n')
  })

  it('is redrawn in place on a terminal, five times a second at most, and cleared', () => {
    const drawn = worked(100, true)
    expect(drawn).toBe('\rpacking: 100 MiB of 100 MiB, 100 MiB/s, 0s left\u001b[K\r\u001b[K')
    expect(worked(150, true).split('\r').length - 1).toBe(3)
  })

  it('says nothing of what is left where nothing moves', () => {
    expect(progressLine('packing', 0, MIB, 2000)).toBe('packing: 0 B of 1.0 MiB, 0 B/s')
  })
})

it('counted files tell what was read', async () => {
  const files = memoryFiles()
  await files.folder('/a')
  await files.write('/a/b', 'twelve bytes')
  let bytes = 0
  const counted = countedFiles(files, (more) => {
    bytes += more
  })
  const file = await counted.open('/a/b')
  expect(file.size).toBe(12)
  await file.read(new Uint8Array(5), 0)
  await file.read(new Uint8Array(50), 5)
  await file.close()
  expect(bytes).toBe(12)
})
