import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { blacken, lastLines, noteInLog } from '../../../../src/platforms/local/supervisor/logs.ts'
import { describeAge, describeExit } from '../../../../src/platforms/local/supervisor/sentences.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'logs '))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What is quoted of a log with this text. */
const quoted = (text: string, secrets: string[] = []) => {
  writeFileSync(join(folder, 'a.log'), text)
  return lastLines(join(folder, 'a.log'), secrets)
}

test('the last lines, in one', () => {
  expect(quoted('1\n2\n3\r\n\n4\n5\n6')).toBe('2 | 3 | 4 | 5 | 6')
  expect(quoted('\n \n')).toBeNull()
  expect(lastLines(join(folder, 'none.log'), [])).toBeNull()
})

test('a stack trace is left out, its error is not', () => {
  const node = [
    'loading',
    'node:events:487',
    "      throw er; // Unhandled 'error' event",
    '      ^',
    '',
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:1',
    '    at Server.setupListenHandle [as _listen2] (node:net:1940:16)',
    "Emitted 'error' event on Server instance at:",
    '    at emitErrorNT (node:net:1919:8) {',
    "  code: 'EADDRINUSE',",
    '  errno: -98,',
    "  syscall: 'listen',",
    '  port: 1',
    '}',
    '',
    'Node.js v24.21.0',
  ]
  expect(quoted(node.join('\n'))).toMatch(/^Error: listen EADDRINUSE: address already in use 127\.0\.0\.1:1 \| /)
  const python = [
    'Traceback (most recent call last):',
    '  File "/app/app.py", line 3, in <module>',
    '    import joblib',
    '    ^^^^^^^^^^^^^',
    "ModuleNotFoundError: No module named 'joblib'",
  ]
  expect(quoted(python.join('\n'))).toBe(
    "Traceback (most recent call last): | import joblib | ModuleNotFoundError: No module named 'joblib'",
  )
})

test('only what was said since the last start', () => {
  writeFileSync(join(folder, 'a.log'), 'of the one before\n')
  noteInLog(join(folder, 'a.log'), 'start 2')
  expect(lastLines(join(folder, 'a.log'), [])).toBeNull()
  writeFileSync(join(folder, 'a.log'), 'of this one\n', { flag: 'a' })
  expect(lastLines(join(folder, 'a.log'), [])).toBe('of this one')
})

test('bounded, visible, without secrets', () => {
  const line = quoted(`${'x'.repeat(5000)}\n\u001b[31mred\u202e\nkey hunter22 hunter22more`, [
    'hunter22',
    'hunter22more',
    'red',
    '',
  ])!
  expect(line.length).toBeLessThan(300)
  expect(line).toContain('[U+001B][31mred[U+202E] | key *** ***')
  expect(quoted('y'.repeat(100_000))!.length).toBeLessThan(300)
  expect(blacken('a long secret and along', ['a long secret'])).toBe('*** and along')
})

test('sentences', () => {
  expect(describeExit({ code: 3, signal: null })).toBe('exited with 3')
  expect(describeExit({ code: null, signal: 'SIGKILL' })).toBe('was ended by SIGKILL')
  expect(describeExit(null)).toBe('ended, and nobody saw how: an earlier host had started it')
  expect([-1, 1234, 59_999, 90_400].map(describeAge)).toEqual(['0.0s', '1.2s', '60.0s', '1m30s'])
})
