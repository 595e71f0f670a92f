import { describe, expect, it } from 'vitest'
import { metricsOf, nextRunId, parseParam, trainingCommand } from '../../src/training/run.ts'

const places = { data: '/data.jsonl', out: '/out', seed: 7 }

describe('a training command', () => {
  it('gets places and parameters, and flags for parameters without a place', () => {
    const command = trainingCommand(
      { command: ['node', 'train.js', '--data={data}', '{out}', '--seed', '{seed}', '-w', '{hidden}'] },
      { hidden: 64, epochs: 2 },
      places,
    )
    expect(command).toEqual([
      'node',
      'train.js',
      '--data=/data.jsonl',
      '/out',
      '--seed',
      '7',
      '-w',
      '64',
      '--epochs',
      '2',
    ])
  })
  it('leaves braces that name nothing as they are', () => {
    expect(trainingCommand({ command: ['x', '{other}', '{toString}'] }, {}, places)).toEqual([
      'x',
      '{other}',
      '{toString}',
    ])
  })
  it('never lets a value become two arguments', () => {
    expect(trainingCommand({ command: ['x', '{name}'] }, { name: 'a b; rm -rf' }, places)).toEqual(['x', 'a b; rm -rf'])
  })
})

describe('parameters', () => {
  it.each([
    ['hidden=64', ['hidden', 64]],
    ['rate=0.5', ['rate', 0.5]],
    ['fast=true', ['fast', true]],
    ['name=a=b', ['name', 'a=b']],
    ['empty=', ['empty', '']],
  ])('%s', (text, pair) => {
    expect(parseParam(text)).toEqual(pair)
  })
  it.each(['hidden', '=3', '9x=1', '-a=1'])('%s is none', (text) => {
    expect(parseParam(text)).toBeUndefined()
  })
})

describe('metrics', () => {
  it('keep numbers alone', () => {
    expect(metricsOf('{"accuracy": 0.9, "name": "x", "n": null, "list": [1]}')).toEqual({ accuracy: 0.9 })
  })
  it.each(['', '[]', 'null', 'NaN', '{'])('%j holds none', (text) => {
    expect(metricsOf(text)).toEqual({})
  })
})

it('ids count on from the highest', () => {
  expect(nextRunId([])).toBe('run-0001')
  expect(nextRunId(['run-0009', 'run-0012', 'other'])).toBe('run-0013')
})
