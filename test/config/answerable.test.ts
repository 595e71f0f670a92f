/** Gates that nothing can answer are refused with the line that helps; with that line they are taken. */
import { describe, expect, test } from 'vitest'
import { unanswerable } from '../../src/config/answerable.ts'
import { inspectConfig } from '../../src/config/load.ts'
import { configError } from '../../src/config/problems.ts'

const HEAD = 'apiVersion: slipway.dev/v1\nmodel: m\n'
const REQUESTS = 'requests: ["POST /p"]'

function lacking(text: string): readonly string[] {
  const { config, source, problems } = inspectConfig(HEAD + text, '/p/slipway.yaml', 'slipway.yaml')
  expect(problems).toEqual([])
  const found = Object.values(config!.environments).flatMap((one) => unanswerable(config!, one, source!.has))
  if (found.length === 0) return []
  const error = configError('slipway.yaml', found, source)
  expect(error.code).toBe('GATE_UNANSWERABLE')
  expect(error.exit).toBe(2)
  return error.message.split('\n').filter((line) => line.startsWith('slipway.yaml:'))
}

describe('without an answer pointer', () => {
  test('quality of a set cannot be asked', () => {
    const gates = 'release: {gates: [{quality: {set: g}}]}\nevaluation: {sets: {g: {path: g}}}'
    expect(lacking(`serving: {command: [x]}\n${gates}`)).toEqual([
      'slipway.yaml:4:20 release.gates[0].quality does not know what to compare in an answer: add serving.answer: /label (a JSON pointer)',
    ])
    expect(lacking(`serving: {command: [x], answer: /label}\n${gates}`)).toEqual([])
  })

  test('nor that of labels, nor agreement', () => {
    expect(
      lacking(`serving: {command: [x], ${REQUESTS}}\nrelease: {gates: [{quality: {labels: true}}, {agreement: {}}]}`),
    ).toHaveLength(2)
  })

  test('a default gate is told at the set that makes it', () => {
    expect(lacking('serving: {command: [x]}\nevaluation: {labels: {}, sets: {g: {path: g}}}')).toEqual([
      'slipway.yaml:4:14 evaluation.labels makes the gate quality, which does not know what to compare in an answer: add serving.answer: /label (a JSON pointer)',
      'slipway.yaml:4:33 evaluation.sets.g makes the gate g, which does not know what to compare in an answer: add serving.answer: /label (a JSON pointer)',
    ])
  })

  test('errors and latency need none', () => {
    expect(lacking('serving: {command: [x]}')).toEqual([])
  })

  test("the template's pointer will do", () => {
    expect(lacking('serving: {template: llamacpp}\nrelease: {gates: [{agreement: {}}]}')).toEqual([])
  })
})

describe('labels beyond the horizon', () => {
  const text = (horizon: string) =>
    `serving: {command: [x], answer: /l}\nevaluation: {labels: {arrive: 2h}}\nrelease: {horizon: ${horizon}}`
  test('are refused with a horizon that would do', () => {
    expect(lacking(text('60m'))).toEqual([
      'slipway.yaml:4:14 evaluation.labels makes the gate quality, which waits 2h for labels, and the horizon is 1h: add release.horizon: 4h',
    ])
    expect(lacking(text('2h'))).toHaveLength(1)
    expect(lacking(text('4h'))).toEqual([])
  })
  test('by gates of sets they are not minded', () => {
    expect(
      lacking(
        'serving: {command: [x], answer: /l}\nevaluation: {labels: {arrive: 2h}, sets: {g: {path: g}}}\nrelease: {gates: [{quality: {set: g}}]}',
      ),
    ).toEqual([])
  })
})

describe('agreement', () => {
  const gates = 'gates: [{agreement: {maxDisagreement: 5pp}}]'
  test('needs a shadow step', () => {
    const steps = 'steps: [{canary: {weight: 5%}}, {full: {}}]'
    expect(lacking(`serving: {command: [x], answer: /l, ${REQUESTS}}\nrelease: {${steps}, ${gates}}`)[0]).toMatch(
      /agreement is seen in shadow only: add - shadow: \{\} as the first of release.steps$/,
    )
  })
  test('has none by default where nothing is known to be repeatable', () => {
    expect(lacking(`serving: {command: [x], answer: /l}\nrelease: {${gates}}`)[0]).toMatch(
      /it is not known what may be repeated: add serving.requests: \["POST \/predict"\]$/,
    )
    expect(lacking(`serving: {command: [x], answer: /l, ${REQUESTS}}\nrelease: {${gates}}`)).toEqual([])
  })
  test('has none in a swap, written or by a fixed port', () => {
    for (const text of [
      `serving: {command: [x], answer: /l, ${REQUESTS}}\nrelease: {steps: [{swap: {}}], ${gates}}`,
      `serving: {command: [x], answer: /l, ${REQUESTS}, port: 5000}\nrelease: {${gates}}`,
    ])
      expect(lacking(text)[0]).toMatch(/a swap has none: leave the gate out$/)
  })
})

test('a shadow step with nothing that may be repeated', () => {
  const release = 'release: {steps: [{shadow: {}}, {full: {}}]}'
  expect(lacking(`serving: {command: [x]}\n${release}`)).toEqual([
    'slipway.yaml:4:20 release.steps[0].shadow has nothing that may be repeated: add serving.requests: ["POST /predict"]',
  ])
  expect(lacking(`serving: {command: [x], answer: /l}\n${release}\nevaluation: {sets: {g: {path: g}}}`)).toEqual([])
})

test('an environment is told at its own gates', () => {
  const text = `serving: {command: [x], ${REQUESTS}}
environments:
  dev: {}
  night: {listen: "127.0.0.1:1", control: "127.0.0.1:2", release: {gates: [{agreement: {}}]}}`
  expect(lacking(text)).toEqual([
    expect.stringMatching(/^slipway\.yaml:6:\d+ environments\.night\.release\.gates\[0\]\.agreement does not know/),
  ])
})
