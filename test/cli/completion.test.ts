import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SHELLS } from '../../src/view/completion.ts'
import { BIN, environment, run, scratch } from './run.ts'

it('prints a script for each shell, as text and as JSON', async () => {
  for (const shell of SHELLS) {
    const { code, stdout } = await run(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('slipway __complete -- ')
    expect(JSON.parse((await run(['completion', shell, '--json'])).stdout)).toMatchObject({ shell, script: stdout })
  }
  expect(await run(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' })
})

/** What bash offers for a line, by the script and the built command. */
function offered(line: string, cwd: string): string[] {
  const bin = scratch()
  symlinkSync(BIN, join(bin, 'slipway'))
  symlinkSync(process.execPath, join(bin, 'node'))
  const script = `source <(slipway completion bash); COMP_LINE=$LINE; COMP_POINT=\${#LINE}
    COMPREPLY=(); _slipway; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { PATH } = process.env
  const env = { ...environment({ PATH: `${bin}:${PATH}` }), LINE: line }
  return execFileSync('bash', ['-c', script], { cwd, env, encoding: 'utf8' }).split('\n').filter(Boolean)
}

it('bash offers commands, subcommands, flags, values and files', () => {
  const cwd = scratch()
  mkdirSync(join(cwd, 'models'))
  writeFileSync(join(cwd, 'slipway.yaml'), '')
  expect(offered('slipway he', cwd)).toEqual(['help'])
  expect(offered('slipway completion ', cwd)).toEqual(['bash', 'zsh', 'fish'])
  expect(offered('slipway completion bash --j', cwd)).toEqual(['--json'])
  expect(offered('slipway help --config sl', cwd)).toEqual(['slipway.yaml'])
  expect(offered('slipway help --config=sl', cwd)).toEqual(['slipway.yaml'])
  expect(offered('slipway nosuch ', cwd)).toEqual([])
})

it('bash offers names of the project, and makes nothing there', () => {
  const cwd = scratch()
  const config = [
    'apiVersion: slipway.dev/v1',
    'model: digits',
    'serving:',
    '  command: [node, app.js, --port, "{port}"]',
  ]
  writeFileSync(join(cwd, 'slipway.yaml'), config.join('\n'))
  expect(offered('slipway release start --env ', cwd)).toEqual(['dev'])
  expect(offered('slipway rollback ', cwd)).toEqual(['digits'])
  expect(offered('slipway release start d', cwd)).toEqual([])
  expect(readdirSync(cwd)).toEqual(['slipway.yaml'])
})

it('answers a key without oclif, and never fails', async () => {
  for (const words of [[], ['--'], ['--', 'nosuch', ''], ['--', 'help', '--config', '']]) {
    const { code, stderr } = await run(['__complete', ...words])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }
})
