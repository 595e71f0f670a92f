/** Labels that wait for the host: floods, and those who send few. */
import { expect, test } from 'vitest'
import { Labels } from '../../../src/platforms/local/data-plane/labels.ts'

const lines = (ids: readonly string[]) => ids.map((id) => JSON.stringify({ id, label: 1 })).join('\n')
const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `id-${from + i}`)
/** All that waits, pull by pull. */
function drained(labels: Labels): string[][] {
  const pulls: string[][] = []
  for (let after = 0; ; ) {
    const { labels: handed, cursor } = labels.pull(after)
    if (handed.length === 0) return pulls
    pulls.push(handed.map(({ id }) => id))
    after = cursor
  }
}

test('of an id that a body repeats the first line counts', async () => {
  const labels = new Labels()
  const body = '{"id":"a","label":1}\n{"id":"b","label":2}\n{"id":"a","label":3}\n{"id":"a","label":"x"}'
  expect(await labels.add(body, 5)).toEqual({ accepted: 2, repeated: 2, errors: [] })
  expect(labels.pull(0).labels).toEqual([
    { id: 'a', label: 1, at: 5 },
    { id: 'b', label: 2, at: 5 },
  ])
})

test('a flood of one id is one label, and lets others work while it is read', async () => {
  const labels = new Labels()
  let over = false
  let turns = 0
  const flood = labels.add(lines(Array.from({ length: 200_000 }, () => 'same')), 0).finally(() => {
    over = true
  })
  while (!over) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    turns++
  }
  expect(await flood).toMatchObject({ accepted: 1, repeated: 199_999 })
  expect(turns).toBeGreaterThan(300)
  expect(drained(labels)).toEqual([['same']])
})

test('who sends few comes at once, beside one who sends many', async () => {
  const labels = new Labels()
  await labels.add(lines(many(100_000)), 0)
  await labels.add(lines(['mine-1', 'mine-2']), 0)
  const first = labels.pull(0)
  expect(first.labels.length).toBeLessThanOrEqual(2000)
  expect(first.labels.slice(0, 4).map(({ id }) => id)).toEqual(['id-0', 'mine-1', 'id-1', 'mine-2'])
  const pulls = drained(labels)
  expect(pulls.flat()).toHaveLength(100_002)
  expect(Math.max(...pulls.map((pull) => pull.length))).toBeLessThanOrEqual(2000)
})

test('what was handed out is handed out again until the host says that it has it', async () => {
  const labels = new Labels()
  await labels.add(lines(many(3000)), 0)
  const first = labels.pull(0)
  expect(labels.pull(0)).toEqual(first)
  expect(labels.pull(first.cursor).labels.map(({ id }) => id)).toEqual(many(1000, 2000))
})

test('large bodies leave room for small ones', async () => {
  const labels = new Labels()
  const { accepted, errors } = await labels.add(lines(many(180_000)), 0)
  expect(accepted).toBe(150_000)
  expect(errors).toHaveLength(30_000)
  expect(errors[0]).toEqual({ line: 150_001, message: 'too many labels wait; send it again later' })
  expect(labels.full).toBe(false)
  expect(await labels.add(lines(['mine']), 0)).toEqual({ accepted: 1, repeated: 0, errors: [] })
  expect(drained(labels).flat()).toHaveLength(150_001)
})

test('labels that are pulled while their body is still read are not lost', async () => {
  const labels = new Labels()
  const adding = labels.add(lines(many(5000)), 0)
  const early = labels.pull(0)
  await adding
  const late: string[] = []
  for (let after = early.cursor; ; ) {
    const { labels: handed, cursor } = labels.pull(after)
    if (handed.length === 0) break
    late.push(...handed.map(({ id }) => id))
    after = cursor
  }
  expect(early.labels.length).toBeGreaterThan(0)
  expect([...early.labels.map(({ id }) => id), ...late]).toEqual(many(5000))
})

test('an id that is a number is read as the key of a body is', async () => {
  const labels = new Labels()
  await labels.add('{"id":12,"label":1}\n{"id":[1],"label":1}', 5)
  expect(labels.pull(0).labels).toEqual([{ id: '12', label: 1, at: 5 }])
})
