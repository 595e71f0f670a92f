/** The commands as they are typed: init, validate, schema. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { initializedSchema } from '../../src/flows/init-result.ts'
import { validatedSchema } from '../../src/flows/validate.ts'
import { ROOT, scratch, shell } from '../cli/run.ts'
import { serverText } from './init-tools.ts'

/** Types a command into a shell; from the sources, so that no build is needed. */
const slipway = (typed: string, cwd = scratch()) =>
  shell(`slipway ${typed}`, { cwd, env: { BIN: join(ROOT, 'bin', 'dev.js') } })

describe('init', () => {
  test('writes a file that validate takes, and asks nothing', async () => {
    const folder = scratch()
    const made = await slipway('init', folder)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toContain('next: slipway validate\nundo: rm slipway.yaml\n')
    expect(await slipway('validate', folder)).toMatchObject({ code: 0, stderr: '' })
  })

  test('of a folder with a template', async () => {
    const folder = scratch()
    expect(await slipway('init digits --template llamacpp', folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('undo: rm digits/slipway.yaml'),
    })
    const { stdout } = await slipway('validate --config digits --json', folder)
    expect(validatedSchema.safeParse(JSON.parse(stdout)).error).toBeUndefined()
  })

  test('with a command and a request', async () => {
    const folder = scratch()
    mkdirSync(join(folder, 'model'))
    writeFileSync(join(folder, 'model', 'w.safetensors'), 'x')
    writeFileSync(join(folder, 'request.json'), '{"path": "/predict", "body": {"x": 1}, "expect": 7}')
    // Whatever port is named, this server takes a free one: nothing else may hold the port of the example.
    writeFileSync(join(folder, 'server.mjs'), serverText({ listen: 'process.env.PORT' }))
    const made = await slipway('init --try request.json -- node server.mjs --port 5000 --model ./model', folder)
    expect(made).toMatchObject({ code: 0, stderr: 'starting the command once, to see its port and when it is ready\n' })
    expect(made.stdout).toContain('found: port by PORT, model ./model, ready at /health, answer at /label')
    expect(readFileSync(join(folder, 'slipway.yaml'), 'utf8')).toContain(
      'command: [node, server.mjs, --port, "5000", --model, "{model}"]',
    )
  })

  test('--json holds nothing of the command line', async () => {
    const made = await slipway('init --json -- sh -c "exit 4" hunter2')
    expect(made.code).toBe(11)
    expect(JSON.parse(made.stdout).error).toMatchObject({ code: 'CRASHED', exit: 11, whose: 'version' })
    expect(made.stdout).not.toContain('hunter2')
    const dry = await slipway('init --json --dry-run')
    expect(JSON.parse(dry.stdout)).toMatchObject({ $schema: 'slipway.dev/initialized/v1', dryRun: true })
    expect(initializedSchema.safeParse(JSON.parse(dry.stdout)).error).toBeUndefined()
  })
})

describe('validate', () => {
  test('names every problem with its place, for people and for programs', async () => {
    const folder = scratch()
    mkdirSync(join(folder, 'staging'))
    writeFileSync(
      join(folder, 'staging', 'slipway.yaml'),
      'apiVersion: slipway.dev/v1\nmodel: m\nserving: {comand: [x]}\n',
    )
    const told = await slipway('validate staging/slipway.yaml', folder)
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toContain('staging/slipway.yaml:3:11 serving.comand is no key here: did you mean command?')
    const json = await slipway('validate staging/slipway.yaml --json', folder)
    expect(JSON.parse(json.stdout)).toMatchObject({
      $schema: 'slipway.dev/error/v1',
      error: {
        code: 'CONFIG_INVALID',
        where: [{ file: 'staging/slipway.yaml', line: 3, column: 11, pointer: '/serving/comand' }],
        next: ['slipway validate'],
      },
    })
  })

  test('without a file says how to make one', async () => {
    expect(await slipway('validate')).toMatchObject({ code: 2, stderr: expect.stringContaining('next: slipway init') })
  })
})

describe('schema', () => {
  test('lists its names', async () => {
    expect((await slipway('schema')).stdout).toMatch(/^config +slipway\.yaml$/m)
  })
  test('prints the schema of the file, with --json too', async () => {
    const text = await slipway('schema config')
    expect(text.stdout).toBe(readFileSync(join(ROOT, 'test', 'golden', 'schema', 'config.json'), 'utf8'))
    expect(JSON.parse((await slipway('schema config --json')).stdout)).toEqual(JSON.parse(text.stdout))
  })
})
