/** How the requests of one key hang together, as the data plane counts it. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { keysOfClasses } from '../../../src/evidence/bursts.ts'
import { bucketOf, GRID_MS } from '../../../src/kit/grid.ts'
import { KeyBook } from '../../../src/platforms/local/data-plane/key-book.ts'
import { predict, target } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const names = new KeyBook('token')
const name = (key: string) => names.name(Buffer.from(key))

test('requests of keys are counted by key, and told by sums alone', async () => {
  const server = await here.server((req, res) => {
    const bad = req.headers['x-user-id'] === 'user-0'
    res.writeHead(bad ? 500 : 200, { 'content-length': 2 })
    res.end('{}')
  })
  await here.plane.route({ baseline: target(server), sticky: { header: 'x-user-id' } })
  for (let i = 0; i < 90; i++) await predict(here.plane.url, {}, { 'x-user-id': `user-${i % 30}` })
  const { keys } = await here.plane.client.call('observe', { after: 0 })
  expect(keys).toHaveLength(1)
  const [told] = keys!
  expect(told).toMatchObject({ digest: 'sha256:b', keys: 30, sums: { '2xx': 87, '5xx': 3 } })
  expect(told!.products).toEqual({ '2xx 2xx': 29 * 9, '5xx 5xx': 9 })
  expect(keysOfClasses(told!, ['5xx'])!.phi).toBeCloseTo((9 - 30 * 0.01) / 29 / 0.1, 9)
  expect(told!.total.sums[0]).toBe(90)
  expect(JSON.stringify(keys)).not.toContain('user-')
  // Not at every look.
  expect(await here.plane.client.call('observe', { after: 0 })).not.toHaveProperty('keys')
})

test('without sticky, and of what is not judged, nothing is counted', async () => {
  const server = await here.server((_req, res) => res.end('{}'))
  await here.plane.route({ baseline: target(server) })
  for (let i = 0; i < 40; i++) await predict(here.plane.url, {}, { 'x-user-id': `user-${i}` })
  await here.plane.route({ baseline: target(server), sticky: { header: 'x-user-id' }, requests: ['POST /other'] })
  for (let i = 0; i < 40; i++) await predict(here.plane.url, {}, { 'x-user-id': `user-${i}` })
  expect(await here.plane.client.call('observe', { after: 0 })).not.toHaveProperty('keys')
})

test('a key has one name under one secret, and nobody finds the key by it without', () => {
  const key = Buffer.from('user-1')
  expect(new KeyBook('token').name(key)).toBe(name('user-1'))
  expect(new KeyBook('another token').name(key)).not.toBe(name('user-1'))
  expect(name('user-1')).toMatch(/^[0-9a-f]{16}$/)
  expect(name('user-1')).not.toBe(createHash('sha256').update(key).digest('hex').slice(0, 16))
})

test('what answers are kept with is that name', async () => {
  const server = await here.server((_req, res) => res.end('{"label": 7}'))
  const sticky = { header: 'x-user-id' }
  await here.plane.route({ baseline: target(server), sticky, answer: '/label', keepValues: true })
  await predict(here.plane.url, {}, { 'x-user-id': 'user-1' })
  const { answers } = await here.plane.client.call('observe', { after: 0 })
  expect(answers.map((one) => one.sticky)).toEqual([new KeyBook('secret-token').name(Buffer.from('user-1'))])
})

test('many keys are a sample of all, with whole counts of each', () => {
  const book = new KeyBook('token')
  const all = 20_000
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < all; i++) {
      const bad = i % 20 === 0
      book.count('b', name(`k${i}`), bad ? '5xx' : '2xx', { firstByteMs: 1, totalMs: bad ? 40 : 3 }, 1000)
    }
  const [told] = book.read(2000)!
  expect(told!.keys).toBeLessThanOrEqual(4096)
  expect(told!.keys).toBeGreaterThan(2000)
  // Two bad answers of a key or none: phi is that of all keys.
  const p = 0.05
  expect(keysOfClasses(told!, ['5xx'])!.phi).toBeCloseTo((4 * p - 4 * p * p) / (2 * p), 1)
  const above = (ms: number) => told!.total.sums[bucketOf(ms)] ?? 0
  expect(above(3)).toBe(told!.sums['5xx'])
  expect(told!.total.squares[bucketOf(3)]).toBe(2 * above(3))
  expect(above(40)).toBe(0)
  expect(told!.total.sums[0]).toBe(2 * told!.keys)
  expect(told!.firstByte.sums.length).toBe(bucketOf(1))
  expect(GRID_MS.length).toBeGreaterThan(told!.total.sums.length)
})

test('a window of an hour is told when it is whole, and then the next', () => {
  const book = new KeyBook('token')
  const hour = 3_600_000
  const send = (at: number, keys: number) => {
    for (let i = 0; i < keys; i++) book.count('b', name(`${at} ${i}`), '2xx', { firstByteMs: 1, totalMs: 1 }, at)
  }
  send(0, 1)
  expect(book.read(500)).toBeNull()
  send(500, 10)
  // Few keys tell roughly.
  expect(book.read(600)).toMatchObject([{ keys: 11, ms: 500 }])
  send(30_000, 29)
  expect(book.read(60_000)).toMatchObject([{ keys: 40, ms: 30_000 }])
  send(hour - 1000, 1)
  send(hour, 5)
  expect(book.read(hour + 10_000)).toMatchObject([{ keys: 41, ms: hour }])
  // The next one is told when it is whole.
  send(2 * hour - 1000, 30)
  expect(book.read(2 * hour - 500)).toBeNull()
  send(2 * hour, 7)
  expect(book.read(2 * hour + 10_000)).toMatchObject([{ keys: 35, ms: hour }])
  // Nor is a whole one of few keys given up for the first seconds of the next.
  send(3 * hour - 1000, 1)
  send(3 * hour, 7)
  expect(book.read(3 * hour + 10_000)).toMatchObject([{ keys: 8, ms: hour }])
})

test('nothing is told twice, and nothing that is older than two hours', () => {
  const book = new KeyBook('token')
  const hour = 3_600_000
  const send = (at: number, keys: number, digest = 'b') => {
    for (let i = 0; i < keys; i++) book.count(digest, name(`k${i}`), '2xx', { firstByteMs: 1, totalMs: 1 }, at)
  }
  const told = (at: number) => book.read(at)?.map(({ digest, keys, ms }) => [digest, keys, ms]) ?? null
  send(0, 40)
  send(5000, 40)
  expect(told(10_000)).toEqual([['b', 40, 5000]])
  expect(told(20_000)).toBeNull()
  send(21_000, 1)
  send(22_000, 40, 'c')
  expect(told(30_000)).toEqual([
    ['b', 40, 21_000],
    ['c', 40, 0],
  ])
  // What just began changes by the second, and is told by it for a minute.
  send(31_000, 1, 'c')
  expect(told(30_900)).toBeNull()
  expect(told(31_000)).toEqual([['c', 40, 9000]])
  send(83_000, 1, 'c')
  expect(told(83_000)).toEqual([['c', 40, 61_000]])
  send(84_000, 1, 'c')
  expect(told(92_900)).toBeNull()
  expect(told(93_000)).toEqual([['c', 40, 62_000]])
  // A silence of three hours: what was before it is not told as if it had just been.
  send(3 * hour, 40)
  expect(told(3 * hour)).toEqual([['b', 40, 0]])
})
