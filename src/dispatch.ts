/** From the command line to a command, a help page, or an error that says what was probably meant. */
import type { Command } from '@oclif/core/command'
import { Config } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'
import type { BaseCommand } from './base-command.ts'
import { type Exit, SlipwayError } from './errors.ts'
import { nearest } from './kit/text.ts'
import type { Installation } from './main.ts'
import type { Toolbox } from './toolbox.ts'

const HELP = ['--help', '-h']
const VERSION = ['--version', '-v']
/** Flags that may stand before the command; the value says whether they take one. */
const LEADING: Readonly<Record<string, boolean>> = {
  '--json': false,
  '--help': false,
  '-h': false,
  '--config': true,
  '--env': true,
}

/** Flags that were typed before the command, put behind it. */
export function commandFirst(argv: readonly string[]): string[] {
  const leading: string[] = []
  let at = 0
  while (at < argv.length && Object.hasOwn(LEADING, argv[at]!.split('=')[0]!)) {
    const takes = LEADING[argv[at]!.split('=')[0]!] && !argv[at]!.includes('=')
    leading.push(...argv.slice(at, at + (takes ? 2 : 1)))
    at += takes ? 2 : 1
  }
  const rest = argv.slice(at)
  const end = rest.indexOf('--')
  return end === -1 ? [...rest, ...leading] : [...rest.slice(0, end), ...leading, ...rest.slice(end)]
}

async function load({ root, fromSource }: Installation, files: Toolbox['files']): Promise<Config> {
  settings.enableAutoTranspile = false
  if (!fromSource) return Config.load({ root })
  const pjson = JSON.parse(new TextDecoder().decode(await files.read(`${root}/package.json`)))
  pjson.oclif.commands.target = './src/commands'
  return Config.load({ root, pjson, ignoreManifest: true })
}

/** The words before the first flag. */
const wordsOf = (argv: readonly string[]): string[] => {
  const end = argv.findIndex((arg) => arg.startsWith('-'))
  return end === -1 ? [...argv] : argv.slice(0, end)
}

/** The longest command that the words begin with. */
function find(config: Config, words: readonly string[]): { command: Command.Loadable; used: number } | undefined {
  for (let used = Math.min(words.length, 3); used > 0; used--) {
    const command = config.findCommand(words.slice(0, used).join(':'))
    if (command) return { command, used }
  }
  return undefined
}

/** What was probably meant: the nearest command of as many words, or those that end in the last word. */
export function meant(words: readonly string[], ids: readonly string[]): string[] {
  const known = [...new Set(ids.flatMap((id) => [id, id.split(':')[0]!]))]
  for (let used = Math.min(words.length, 3); used > 0; used--) {
    const same = known.filter((id) => id.split(':').length === used)
    const near = nearest(words.slice(0, used).join(':'), same)
    if (near !== undefined && !(used === 1 && near === words[0])) return [near.replaceAll(':', ' ')]
  }
  const lastWord = (id: string): string => id.split(':').at(-1)!
  const last = nearest(words.at(-1)!, ids.map(lastWord))
  return ids.filter((id) => lastWord(id) === last).map((id) => id.replaceAll(':', ' '))
}

function unknown(words: readonly string[], ids: readonly string[]): SlipwayError {
  const topic = ids.some((id) => id.startsWith(`${words[0]}:`)) ? words.slice(0, 2) : words.slice(0, 1)
  // Only what looks like a mistyped command is repeated.
  const typed = topic.every((word) => /^[a-z][a-z-]{0,30}$/i.test(word)) ? `\`${topic.join(' ')}\`` : 'that'
  const near = meant(words, ids).slice(0, 3)
  const question = near.length === 0 ? '' : `; did you mean ${near.map((id) => `\`${id}\``).join(' or ')}?`
  return new SlipwayError('COMMAND_UNKNOWN', `slipway has no command ${typed}${question}`, {
    next: near.length === 0 ? ['slipway help'] : near.map((id) => `slipway ${id}`),
  })
}

/** Carries out a command line; the exit code, or a thrown error. */
export async function dispatch(typed: readonly string[], at: Installation, toolbox: Toolbox): Promise<Exit> {
  const config = await load(at, toolbox.files)
  const argv = commandFirst(typed)
  const end = argv.indexOf('--')
  const mine = end === -1 ? argv : argv.slice(0, end)
  const words = wordsOf(mine)
  const json = mine.includes('--json')
  if (VERSION.includes(mine[0] ?? '')) return dispatch(['version', ...mine.slice(1)], at, toolbox)
  const asked = mine.some((arg) => HELP.includes(arg))
  const found = find(config, words)
  if (found && !asked) return run(found.command, argv.slice(found.used), config, toolbox)
  const ids = config.commands.map((command) => command.id)
  const topic = words[0] === 'help' ? words.slice(1) : words
  const isTopic = topic.length === 0 || ids.some((id) => id.startsWith(`${topic.join(':')}:`))
  if (!found && !isTopic) throw unknown(topic, ids)
  if (!asked && words.length === 0 && mine.some((arg) => arg.startsWith('-') && arg !== '--json'))
    throw new SlipwayError('FLAG_UNKNOWN', 'slipway itself has no such flag; flags follow a command', {
      next: ['slipway help'],
    })
  if (!asked && json) throw new SlipwayError('USAGE', 'name a command', { next: ['slipway help'] })
  const helpCommand = config.findCommand('help', { must: true })
  return run(helpCommand, [...topic, ...(json ? ['--json'] : [])], config, toolbox)
}

async function run(command: Command.Loadable, argv: string[], config: Config, toolbox: Toolbox): Promise<Exit> {
  const Loaded = (await command.load()) as unknown as new (
    ...given: ConstructorParameters<typeof BaseCommand>
  ) => BaseCommand<typeof Command, object>
  return new Loaded(argv, config, toolbox).run()
}
