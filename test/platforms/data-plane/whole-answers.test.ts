/** `evaluation.keepAnswers`: whole answers of some pairs, and of none without it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import type { RouteOrders } from '../../../src/platforms/contract.ts'
import { AnswerCapture } from '../../../src/platforms/local/data-plane/answer-value.ts'
import { answering, predict, type SmallServer, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const shadow = (baseline: SmallServer, candidate: SmallServer, more: Partial<RouteOrders> = {}) =>
  here.plane.route({
    baseline: target(baseline, 'sha256:b', 'v1'),
    candidate: target(candidate, 'sha256:c', 'v2'),
    mirror: { fraction: 1, noise: 0, overlay: null },
    counting: { release: 'digits-1', step: 0, watch: false, specs: [] },
    answer: '/label',
    keepValues: true,
    keepAnswers: true,
    ...more,
  })
/** So many records, once they are all there. */
const records = (count: number) =>
  until(async () => {
    const { answers } = await here.plane.client.call('observe', { after: 0 })
    return answers.length === count && answers
  })
const sending =
  (body: string | Buffer, headers: Record<string, string>) =>
  (_req: IncomingMessage, res: ServerResponse): void => {
    res.writeHead(200, headers)
    res.end(body)
  }

test('both answers of a pair are kept as they were', async () => {
  const baseline = await here.server(answering({ label: 1, note: 'b' }))
  const text = JSON.stringify({ label: 2, note: 'c' })
  const candidate = await here.server(
    sending(gzipSync(text), { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
  )
  await shadow(baseline, candidate)
  await predict(here.plane.url)
  const [record] = await records(1)
  expect(record).toMatchObject({ user: 1, candidateCopy: 2 })
  expect(record!.whole).toEqual({
    user: { status: 200, text: '{"label":1,"note":"b"}', cut: false },
    candidateCopy: { status: 200, text, cut: false },
  })
})

test('without the key, and of requests without a copy, none is', async () => {
  const [baseline, candidate] = [await here.server(answering({ label: 1 })), await here.server(answering({ label: 2 }))]
  await shadow(baseline, candidate, { keepAnswers: false })
  await predict(here.plane.url)
  await shadow(baseline, candidate, { mirror: null })
  await predict(here.plane.url)
  for (const record of await records(2)) expect(record).not.toHaveProperty('whole')
})

test('what is no text or JSON is not, and what is long is cut', async () => {
  const long = JSON.stringify({ label: 1, pad: 'x'.repeat(70_000) })
  const baseline = await here.server(sending(long, { 'content-type': 'application/problem+json; charset=utf-8' }))
  const candidate = await here.server(sending('{"label":1}', { 'content-type': 'image/png' }))
  await shadow(baseline, candidate)
  await predict(here.plane.url)
  const [record] = await records(1)
  expect(record!.whole).toEqual({ user: { status: 200, text: long.slice(0, 65_536), cut: true } })
})

test('without an answer pointer the answers alone are kept', async () => {
  const [baseline, candidate] = [
    await here.server(sending('one', { 'content-type': 'text/plain' })),
    await here.server(sending('two', { 'content-type': 'text/plain' })),
  ]
  await shadow(baseline, candidate, { answer: null, keepValues: false })
  await predict(here.plane.url)
  const [record] = await records(1)
  expect(record).not.toHaveProperty('candidateCopy')
  expect(record!.whole).toMatchObject({ user: { text: 'one' }, candidateCopy: { text: 'two' } })
})

test('of a release so many: more of those that disagree', async () => {
  const baseline = await here.server(answering({ label: 1 }))
  const candidate = await here.server((req, res, body) => answering({ label: JSON.parse(body).l })(req, res))
  await shadow(baseline, candidate)
  const send = async (l: number, count: number) => {
    for (let i = 0; i < count; i++) await predict(here.plane.url, { l })
  }
  await send(1, 30)
  await send(2, 110)
  const kept = (await records(140)).filter(({ whole }) => whole)
  expect(kept.filter(({ candidateCopy }) => candidateCopy === 1)).toHaveLength(20)
  expect(kept.filter(({ candidateCopy }) => candidateCopy === 2)).toHaveLength(100)
  await records(140)
  // What would be kept no more is not looked at, where nothing else asks for it.
  await shadow(baseline, candidate, { answer: null })
  const looked = vi.spyOn(AnswerCapture.prototype, 'add')
  await send(2, 2)
  await until(async () => (await here.plane.client.call('observe', { after: 0 })).mirrored.answered === 142)
  expect(looked).not.toHaveBeenCalled()
  looked.mockRestore()
  await shadow(baseline, candidate, { counting: { release: 'digits-2', step: 0, watch: false, specs: [] } })
  await send(1, 1)
  expect((await records(141)).at(-1)).toHaveProperty('whole')
})
