/** Overrides of environments: maps merge, lists replace, the digest stays one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { merge } from '../../src/config/merge.ts'
import type { Config } from '../../src/config/types.ts'
import { SlipwayError } from '../../src/errors.ts'

const COMMON = `apiVersion: slipway.dev/v1
model: digits
serving:
  command: [python, app.py]
  ready: {path: /health, timeout: 10m}
  resources: {memory: 2GiB, cpu: 2, gpu: 1}
  sticky: {header: x-user}
release:
  gates: [{errors: {}}, {latency: {}}]
  onInconclusive: {hold: 1h}
environments:
`
const parse = (environments: string): Config =>
  parseConfig(`${COMMON}${environments}`, '/p/slipway.yaml', 'slipway.yaml')
const dev = (overrides: string) => parse(`  dev: ${overrides}`).environments.dev!

function refused(environments: string): string {
  try {
    parse(environments)
  } catch (error) {
    if (error instanceof SlipwayError) return error.message
    throw error
  }
  throw new Error('was taken')
}

describe('overrides', () => {
  test('of a map keep what they do not name', () => {
    const { serving } = dev('{serving: {resources: {cpu: 1}, ready: {timeout: 30s}}}')
    expect(serving.resources).toEqual({ memoryBytes: 2 * 2 ** 30, cpu: 1, gpu: { cards: 1 } })
    expect(serving.ready).toEqual({ path: '/health', timeoutMs: 30_000 })
    expect(serving.command).toEqual(['python', 'app.py'])
  })

  test('of a list replace it', () => {
    const { release } = dev('{release: {gates: [{errors: {margin: 5pp}}]}}')
    expect(release.gates).toHaveLength(1)
    expect(release.gates?.[0]).toMatchObject({ kind: 'errors', margin: 0.05 })
    expect(release.holdMs).toBe(3_600_000)
  })

  test('of a choice replace the choice', () => {
    expect(dev('{serving: {sticky: {cookie: sid}}}').serving.sticky).toEqual({ cookie: 'sid' })
    expect(dev('{serving: {resources: {gpu: {memory: 6GiB}}}}').serving.resources.gpu).toEqual({
      memoryBytes: 6 * 2 ** 30,
    })
  })

  test('leave the common part and other environments alone', () => {
    const config = parse('  dev: {serving: {replicas: 3}}\n  night: {listen: "127.0.0.1:1", control: "127.0.0.1:2"}')
    expect(
      [config.serving, config.environments.dev, config.environments.night].map((one) =>
        'replicas' in one! ? one.replicas : one!.serving.replicas,
      ),
    ).toEqual([1, 3, 1])
  })

  test('without any, an environment serves and releases with the common part', () => {
    const config = parse('  dev: {}')
    expect(config.environments.dev!.serving).toEqual(config.serving)
    expect(config.environments.dev!.release).toEqual(config.release)
  })
})

describe('what the digest holds', () => {
  test.each([
    'template: llamacpp',
    'command: [x]',
    'params: {a: 1}',
    'prepare: [[x]]',
    'env: {A: "1"}',
    'requests: ["GET /"]',
    'answer: /a',
    'ready: {path: /x}',
  ])('%s is refused in an environment', (key) => {
    expect(refused(`  dev: {serving: {${key}}}`)).toMatch(
      /^slipway\.yaml:12:\d+ environments\.dev\.serving\.[a-z.]+ is part of the version, the same in every environment/,
    )
  })
})

test('a fault of the merged whole is told at the override', () => {
  expect(refused('  dev: {release: {steps: [{full: {}}, {canary: {weight: 5%}}]}}')).toContain(
    'environments.dev.release.steps[0] stands wrong: full is the last step',
  )
})

describe('baseline and notify', () => {
  test('take a version, a URL, a command', () => {
    expect(dev('{baseline: "digits:v1"}').baseline).toEqual({ ref: 'digits:v1' })
    expect(dev('{baseline: {url: "http://127.0.0.1:9000"}}').baseline).toEqual({ url: 'http://127.0.0.1:9000' })
    expect(dev('{notify: {command: [./n.sh]}}').notify).toEqual(['./n.sh'])
  })
  test('a URL with a password is refused', () => {
    expect(refused('  dev: {baseline: {url: "http://me:hunter2@127.0.0.1"}}')).not.toContain('hunter2')
  })
  test('a swap with a baseline that nobody stops is refused', () => {
    expect(refused('  dev: {baseline: {url: "http://127.0.0.1"}, release: {steps: [{swap: {}}]}}')).toContain(
      'cannot swap with a baseline that is never stopped',
    )
  })
})

describe('merge', () => {
  const json = fc.jsonValue({ maxDepth: 3 })
  const map = fc.dictionary(fc.string({ maxLength: 3 }), json, { maxKeys: 4 })

  test('nothing laid over changes nothing; laid over itself too', () => {
    fc.assert(
      fc.property(map, (value) => {
        expect(merge(value, undefined)).toEqual(value)
        expect(merge(value, {})).toEqual(value)
        expect(merge(value, value)).toEqual(value)
      }),
    )
  })

  test('every key of either side is there, and what is laid over wins', () => {
    fc.assert(
      fc.property(map, map, (under, over) => {
        const merged = merge(under, over) as Record<string, unknown>
        expect(new Set(Object.keys(merged))).toEqual(new Set([...Object.keys(under), ...Object.keys(over)]))
        for (const [key, value] of Object.entries(over))
          if (typeof value !== 'object' || value === null || Array.isArray(value)) expect(merged[key]).toEqual(value)
      }),
    )
  })

  test('is done in steps as at once', () => {
    fc.assert(
      fc.property(map, map, map, (a, b, c) => {
        const isMap = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
        // A single value between two maps cuts the merge: only maps and single values by themselves are associative.
        const flat = (value: Record<string, unknown>) =>
          Object.fromEntries(Object.entries(value).filter(([, inner]) => !isMap(inner)))
        expect(merge(merge(flat(a), flat(b)), flat(c))).toEqual(merge(flat(a), merge(flat(b), flat(c))))
      }),
    )
  })
})
