import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERRORS, type ErrorCode, SlipwayError } from '../../src/errors.ts'
import { PLAIN } from '../../src/kit/screen.ts'
import { asSlipwayError, errorObject, errorText, withoutPrivate } from '../../src/view/error.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]
const secret = { folder: '/srv/ann/work/digits', home: '/srv/ann' }

describe('an error as an object', () => {
  it('has the code, exit and owner of the one table, for every code', () => {
    for (const code of CODES)
      expect(errorObject(new SlipwayError(code, 'what'), secret).error).toEqual({
        code,
        exit: ERRORS[code].exit,
        message: 'what',
        whose: ERRORS[code].whose,
        where: [],
        next: [],
      })
  })

  it('is at most 2,000 bytes of JSON, whatever it is made of', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3000 })
    const where = fc.array(fc.record({ file: text, line: fc.nat(), column: fc.nat(), pointer: text }), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...CODES),
        text,
        where,
        fc.array(text, { maxLength: 9 }),
        (code, message, at, next) => {
          const object = errorObject(new SlipwayError(code, message, { where: at, next }), secret)
          expect(Buffer.byteLength(JSON.stringify(object))).toBeLessThanOrEqual(2000)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('shows paths relative to the project and hides the home folder', () => {
    expect(withoutPrivate('/srv/ann/work/digits/slipway.yaml and /srv/ann/x', secret)).toBe('slipway.yaml and ~/x')
    expect(withoutPrivate('in /srv/ann/work/digits', secret)).toBe('in .')
    expect(withoutPrivate('/a/b', { folder: '/', home: null })).toBe('/a/b')
    const error = new SlipwayError('CONFIG_INVALID', 'no', {
      where: [{ file: `${secret.folder}/slipway.yaml`, line: 3 }],
    })
    expect(errorObject(error, secret).error.where).toEqual([{ file: 'slipway.yaml', line: 3 }])
  })
})

describe('an error as text', () => {
  it('says what, where, whose fault, the remedy and the next command', () => {
    const error = new SlipwayError('CONFIG_INVALID', 'unknown key `modle`; did you mean `model`?', {
      where: [{ file: `${secret.folder}/slipway.yaml`, line: 2, column: 1 }, { pointer: '/modle' }],
      next: ['slipway validate'],
    })
    expect(errorText(error, PLAIN, secret.folder).split('\n')).toEqual([
      'slipway: unknown key `modle`; did you mean `model`?',
      '  at slipway.yaml:2:1',
      '  at /modle',
      `  CONFIG_INVALID, exit 2; fault of what was typed or written. ${ERRORS.CONFIG_INVALID.hint}`,
      '  next: slipway validate',
    ])
  })

  it('does not name a place twice', () => {
    const error = new SlipwayError('CONFIG_INVALID', 'slipway.yaml:2:1 no', {
      where: [{ file: 'slipway.yaml', line: 2, column: 1 }],
    })
    expect(errorText(error, PLAIN, null)).not.toContain('  at ')
  })

  it('makes control and bidirectional characters visible', () => {
    const error = new SlipwayError('REF_UNKNOWN', 'no \u001b[2J\u202e', { next: ['slipway \u0007'] })
    expect(errorText(error, PLAIN, null)).toMatch(/no \[U\+001B\]\[2J\[U\+202E\](.|\n)*slipway \[U\+0007\]/)
  })
})

describe('what was thrown', () => {
  it('is a bug where nobody expected it, and of the system where the system said so', () => {
    expect(asSlipwayError(new TypeError('x'))).toMatchObject({ code: 'BUG', message: 'TypeError: x' })
    expect(asSlipwayError('x')).toMatchObject({ code: 'BUG', message: 'thrown: x' })
    for (const [system, code] of [
      ['ENOSPC', 'NO_SPACE'],
      ['EDQUOT', 'NO_SPACE'],
      ['EACCES', 'PERMISSION'],
      ['EROFS', 'PERMISSION'],
      ['EPERM', 'PERMISSION'],
    ])
      expect(asSlipwayError(Object.assign(new Error('x'), { code: system, path: '/p' }))).toMatchObject({ code })
    expect(asSlipwayError(Object.assign(new Error('x'), { code: 'ENOENT' }))).toMatchObject({ code: 'BUG' })
    const own = new SlipwayError('CAPACITY', 'x')
    expect(asSlipwayError(own)).toBe(own)
  })
})

it.each(['INTERRUPTED', 'TIMEOUT'] as const)("%s is nobody's fault", (code) => {
  const error = new SlipwayError(code, 'digits-7 goes on')
  expect(errorText(error, PLAIN, null)).not.toContain('fault')
  expect(errorObject(error, { folder: null, home: null }).error.whose).toBe('outside')
})
