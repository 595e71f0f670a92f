import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assigned, saltOf, stickyKey } from '../../src/plan/sticky.ts'

const bytes = (text: string) => Buffer.from(text, 'utf8')
const text = (key: Uint8Array) => Buffer.from(key).toString('latin1')
const never = () => {
  throw new Error('the body was read')
}

describe('saltOf', () => {
  it('is the head of the hash over both names', () => {
    // printf 'sha256:aa\nsha256:bb' | sha256sum
    expect(saltOf('sha256:aa', 'sha256:bb')).toBe('66df0b139770d007')
  })
})

describe('assigned', () => {
  it('gives nobody at 0 and everybody at 1,000,000', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (key, salt) => {
        expect(assigned(key, salt, 0)).toBe('baseline')
        expect(assigned(key, salt, 1_000_000)).toBe('candidate')
      }),
    )
  })

  it('changes exactly at the weight that the hash says', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (key, salt) => {
        const hex = createHash('sha256')
          .update(Buffer.concat([Buffer.from(`${salt}\n`, 'utf8'), key]))
          .digest('hex')
        // The smallest whole weight that takes the key: floor(u * 10^6 / 2^64) + 1.
        const least = Number((BigInt(`0x${hex.slice(0, 16)}`) * 1_000_000n) >> 64n) + 1
        expect(assigned(key, salt, least - 1)).toBe('baseline')
        expect(assigned(key, salt, least)).toBe('candidate')
      }),
    )
  })

  it('takes about its share of many keys', () => {
    let candidate = 0
    for (let i = 0; i < 20_000; i++) if (assigned(bytes(`user-${i}`), 'salt', 250_000) === 'candidate') candidate++
    // 5 standard deviations of Bin(20000, 1/4)
    expect(Math.abs(candidate - 5000)).toBeLessThan(307)
  })
})

describe('stickyKey', () => {
  it('takes the first header of the name, byte by byte', () => {
    const headers = ['Host', 'a', 'X-User-ID', 'caf\u00e9', 'x-user-id', 'second']
    expect(text(stickyKey({ header: 'x-user-id' }, 'id', headers, never))).toBe('caf\u00e9')
    expect(text(stickyKey({ header: 'X-USER-id' }, 'id', headers, never))).toBe('caf\u00e9')
    expect(text(stickyKey({ header: 'x-user' }, 'id', headers, never))).toBe('id')
    expect(text(stickyKey({ header: 'x-empty' }, 'id', ['x-empty', ''], never))).toBe('')
  })

  it('takes the value of the cookie, quotes included', () => {
    const headers = ['cookie', 'a=1; SID=no; sid="x=y"', 'Cookie', 'sid=later; late=2']
    expect(text(stickyKey({ cookie: 'sid' }, 'id', headers, never))).toBe('"x=y"')
    expect(text(stickyKey({ cookie: 'late' }, 'id', headers, never))).toBe('2')
    expect(text(stickyKey({ cookie: 'none' }, 'id', headers, never))).toBe('id')
  })

  it.each([
    ['a string as UTF-8', 'ü', Buffer.from('ü', 'utf8')],
    ['a number', 1e3, bytes('1000')],
    ['an object with ordered keys', { b: 1, a: [true, null] }, bytes('{"a":[true,null],"b":1}')],
    ['null, which is a value', null, bytes('null')],
  ])('takes from the body %s', (_, value, key) => {
    expect([...stickyKey({ body: '/user' }, 'id', [], () => ({ user: value }))]).toEqual([...key])
  })

  it('falls to the request id where the body has no value that RFC 8785 can write', () => {
    let deep: unknown = 0
    for (let i = 0; i < 100_000; i++) deep = [deep]
    for (const body of [undefined, {}, 'text', { user: Number.POSITIVE_INFINITY }, { user: deep }])
      expect(text(stickyKey({ body: '/user' }, 'id', [], () => body))).toBe('id')
    expect(text(stickyKey(null, 'id', ['x', 'y'], never))).toBe('id')
  })
})
