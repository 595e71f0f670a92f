import { expect, test } from 'vitest'
import { leftOutSentence, parseEnvFile } from '../../src/kit/env-file.ts'

test('lines of an envFile', () => {
  const text =
    '\uFEFFA=1\r\n export B = two words # said\n# C=3\nD="a\\nb \\"q\\" #in"\nE=\'$x # in\'\nF=\nnot a line\nG=a=b\n1X=no\nA=2\n'
  const values = { A: '2', B: 'two words', D: 'a\nb "q" #in', E: '$x # in', F: '', G: 'a=b' }
  expect(parseEnvFile(text)).toEqual({ values, leftOut: [7, 9] })
})

test('what is left out is told by its lines alone', () => {
  expect(leftOutSentence(parseEnvFile('A=1\n\n# b\n'))).toBeNull()
  expect(leftOutSentence(parseEnvFile('hunter2\n'))).toBe('line 1 is no KEY=VALUE and is left out')
  const many = leftOutSentence(parseEnvFile('A=1\n'.concat('hunter2\n'.repeat(8))))
  expect(many).toBe('lines 2, 3, 4, 5, 6 and 3 more are no KEY=VALUE and are left out')
})
