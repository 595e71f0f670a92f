import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Digest } from '../../../../src/model/types.ts'
import { type Card, deal, freeOn, nvidiaSmi, parseCards } from '../../../../src/platforms/local/gpus.ts'
import { ask, openHouse, SERVERS } from './house.ts'

const GIB = 2 ** 30
type House = ReturnType<typeof openHouse>

/** A small nvidia-smi: three cards of 8 GiB, the third used by somebody else. */
function machineWithCards(folder: string): string {
  const file = join(folder, 'nvidia-smi')
  const lines = ['0, GPU-0a, 8192, 10', '1, GPU-1b, 8192, 10', '2, GPU-2c, 8192, 6000'].join('\\n')
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$*" = "--query-gpu=index,uuid,memory.total,memory.used --format=csv,noheader,nounits" ] && printf '${lines}\\n'\n`,
  )
  chmodSync(file, 0o755)
  return `${folder}:/bin:/usr/bin`
}

const cardsOf = async (house: House, digest: Digest): Promise<string> =>
  JSON.parse((await ask(house.status(digest)!.addresses[0]!)).body).env.CUDA_VISIBLE_DEVICES

test('whole cards and shares of cards are dealt once, and adopted', async () => {
  await using tools = openHouse()
  await using house = openHouse({ gpus: nvidiaSmi(machineWithCards(tools.folder)) })
  const [whole, part, third] = [
    house.version('a', SERVERS.good),
    house.version('b', SERVERS.good),
    house.version('c', SERVERS.good),
  ]
  house.supervisor.serve('dev', [
    house.order(whole, { gpu: { cards: 1 } }),
    house.order(part, { gpu: { memoryBytes: 2 * GIB }, replicas: 2 }),
  ])
  await house.until('ready', () => house.status(whole)?.state === 'ready' && house.status(part)?.readyReplicas === 2)
  const own = await cardsOf(house, whole)
  expect(['GPU-0a', 'GPU-1b']).toContain(own)
  const shared = await cardsOf(house, part)
  expect(shared).not.toBe(own)
  const capacity = await house.supervisor.capacity()
  expect(capacity.cards.map((card) => [card.uuid, card.whole])).toContainEqual([own, false])
  expect(capacity.cards.find((card) => card.uuid === own)!.freeBytes).toBe(0)
  const records = JSON.parse(JSON.stringify(house.supervisor.records()))
  house.again().adopt(records)
  const fits = (gpu: { cards: number } | { memoryBytes: number }) =>
    house.supervisor.fits('staging', [house.order(third, { gpu })])
  expect(await fits({ cards: 1 })).toMatchObject({ fits: false, lacks: ['cards: 1 whole needed, 0 of 3 free'] })
  expect(await fits({ memoryBytes: 3 * GIB })).toEqual({ fits: true })
  expect(await fits({ memoryBytes: 7 * GIB })).toMatchObject({
    fits: false,
    lacks: [expect.stringContaining('card 2: 144 MiB')],
  })
})

test('what does not fit at once is told, with the ways out, swap first', async () => {
  await using tools = openHouse()
  await using house = openHouse({ gpus: nvidiaSmi(machineWithCards(tools.folder)) })
  const [old, next] = [house.version('a', SERVERS.good), house.version('b', SERVERS.good)]
  const both = (run: Parameters<House['order']>[1]) =>
    house.supervisor.fits('dev', [house.order(old, run), house.order(next, run)])
  house.supervisor.serve('dev', [house.order(old, { gpu: { cards: 2 } })])
  await house.until('ready', () => house.status(old)?.state === 'ready')
  expect(await both({ gpu: { cards: 2 } })).toEqual({
    fits: false,
    lacks: ['cards: 2 whole needed, 0 of 3 free'],
    waysOut: [
      expect.stringContaining('`swap`'),
      'let versions share a card: serving.resources.gpu: {memory: …}',
      'stop what else runs here: `slipway local status`',
    ],
  })
  // The old one gone, its cards are free.
  expect(await house.supervisor.fits('dev', [house.order(next, { gpu: { cards: 2 } })])).toEqual({ fits: true })
  expect(await both({ memoryBytes: 2 ** 50 })).toMatchObject({
    fits: false,
    lacks: [expect.stringContaining('memory: 1024 TiB needed, ')],
  })
  expect(await both({ port: 5000 })).toMatchObject({
    fits: false,
    lacks: ['port 5000: serving.port is the same for both versions'],
  })
  expect(await both({ memoryBytes: 1024 })).toEqual({ fits: true })
  expect(house.supervisor.limitsKind()).toBe('polling')
})

test('no card left: the version says so and starts once one is free', async () => {
  await using tools = openHouse()
  await using house = openHouse({ gpus: nvidiaSmi(machineWithCards(tools.folder)) })
  const [old, next] = [house.version('a', SERVERS.good), house.version('b', SERVERS.good)]
  house.supervisor.serve('dev', [house.order(old, { gpu: { cards: 2 } }), house.order(next, { gpu: { cards: 1 } })])
  await house.until('one failed', () => [old, next].some((digest) => house.status(digest)?.code === 'CAPACITY'))
  house.supervisor.serve('dev', [house.order(next, { gpu: { cards: 1 } })])
  await house.until('ready', () => {
    house.clock.forward(100)
    return house.status(next)?.state === 'ready'
  })
})

test('no nvidia-smi, one that fails, one that says nonsense: no cards', async () => {
  await using tools = openHouse()
  expect(await nvidiaSmi(tools.folder).cards()).toEqual([])
  writeFileSync(join(tools.folder, 'nvidia-smi'), '#!/bin/sh\necho "0, GPU-0a, 8192, 10"; exit 9\n')
  chmodSync(join(tools.folder, 'nvidia-smi'), 0o755)
  expect(await nvidiaSmi(`${tools.folder}:/bin`).cards()).toEqual([])
  expect(parseCards('No devices were found\n0, GPU-0a, [N/A], 1\n')).toEqual([])
  // Unified memory is not measured per card.
  expect(parseCards('0, GPU-0a, 81920, [N/A]\n')).toEqual([
    { index: 0, uuid: 'GPU-0a', memoryBytes: 80 * GIB, usedBytes: 0 },
  ])
})

test('a share: what is promised and not yet taken counts, beside what others held before', () => {
  const card = (usedBytes: number): Card => ({ index: 0, uuid: 'GPU-0a', memoryBytes: 24 * GIB, usedBytes })
  const first = deal({ memoryBytes: 6 * GIB }, [card(10 * GIB)], [])
  expect(first).toEqual({ cards: ['GPU-0a'], bytes: 6 * GIB, others: 10 * GIB })
  expect(freeOn(card(10 * GIB), [first!])).toBe(8 * GIB)
  expect(freeOn(card(16 * GIB), [first!])).toBe(8 * GIB)
  // It takes more than it was promised.
  expect(freeOn(card(20 * GIB), [first!])).toBe(4 * GIB)
  expect(deal({ memoryBytes: 9 * GIB }, [card(16 * GIB)], [first!])).toBeNull()
  expect(deal({ cards: 1 }, [card(0)], [first!])).toBeNull()
})
