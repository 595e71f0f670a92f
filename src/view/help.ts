/** Help pages: the commands, one command, a topic, the exit table. */
import type { Command } from '@oclif/core/command'
import type { Config } from '@oclif/core/config'
import { CommandHelp } from '@oclif/core/help'
import { EXITS, SlipwayError } from '../errors.ts'
import { paint, type Screen } from '../kit/screen.ts'
import { nearest } from '../kit/text.ts'

interface CommandLine {
  /** Words with spaces. */
  readonly command: string
  readonly summary: string
}
export type HelpPage =
  | { readonly page: 'commands'; readonly commands: readonly CommandLine[] }
  | {
      readonly page: 'topic'
      readonly topic: string
      readonly summary: string
      readonly commands: readonly CommandLine[]
    }
  | {
      readonly page: 'command'
      readonly command: string
      readonly summary: string
      readonly args: readonly { readonly name: string; readonly required: boolean; readonly summary: string }[]
      readonly flags: readonly { readonly name: string; readonly value: string | null; readonly summary: string }[]
      readonly examples: readonly string[]
    }
  | { readonly page: 'exit-codes'; readonly exits: readonly { readonly exit: number; readonly meaning: string }[] }

/** Groups of the first page, in the order of a release's life; a word that no group has stands at the end. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['Begin', ['init', 'validate', 'doctor', 'schema']],
  ['Train and package', ['train', 'pack', 'inspect']],
  ['Release', ['plan', 'release', 'rollback', 'quarantine']],
  ['Judge', ['eval', 'label']],
  ['Serve here', ['local']],
]

const spoken = (id: string): string => id.replaceAll(':', ' ')
const inTopic = (id: string, topic: string): boolean => id.startsWith(`${topic}:`)
const lineOf = ({ id, summary }: Command.Loadable): CommandLine => ({ command: spoken(id), summary: summary ?? '' })
const listed = (config: Config): Command.Loadable[] =>
  config.commands.filter((command) => !command.hidden).sort((a, b) => (a.id < b.id ? -1 : 1))

/** The page that the words ask for. */
export function helpPage(config: Config, words: readonly string[]): HelpPage {
  const commands = listed(config)
  if (words.length === 0) return { page: 'commands', commands: commands.map(lineOf) }
  if (words.length === 1 && words[0] === 'exit-codes')
    return {
      page: 'exit-codes',
      exits: Object.entries(EXITS).map(([exit, meaning]) => ({ exit: Number(exit), meaning })),
    }
  // Words behind a command may be its arguments, as in `slipway inspect digits:v2 --help`.
  for (let used = words.length; used > 0; used--) {
    const command = config.findCommand(words.slice(0, used).join(':'))
    if (command) return commandPage(command, config)
  }
  const topic = words.join(':')
  const inside = commands.filter(({ id }) => inTopic(id, topic))
  if (inside.length > 0)
    return {
      page: 'topic',
      topic: spoken(topic),
      summary: config.findTopic(topic)?.description ?? '',
      commands: inside.map(lineOf),
    }
  const near = nearest(topic, ['exit-codes', ...commands.flatMap(({ id }) => [id, id.split(':')[0]!])])
  throw new SlipwayError(
    'COMMAND_UNKNOWN',
    `there is no help page of that name${near === undefined ? '' : `; did you mean \`help ${spoken(near)}\`?`}`,
    { next: [near === undefined ? 'slipway help' : `slipway help ${spoken(near)}`] },
  )
}

const filled = (text: string, config: Config): string => text.replaceAll(/<%=\s*config\.bin\s*%>/g, config.bin)

function commandPage(command: Command.Loadable, config: Config): HelpPage {
  const examples = [command.examples ?? []].flat()
  return {
    page: 'command',
    command: spoken(command.id),
    summary: command.summary ?? '',
    args: Object.values(command.args)
      .filter((arg) => !arg.hidden)
      .map((arg) => ({ name: arg.name, required: arg.required === true, summary: arg.description ?? '' })),
    flags: Object.values(command.flags)
      .filter((flag) => !flag.hidden)
      .map((flag) => ({
        name: `--${flag.name}`,
        value: flag.type === 'option' ? [flag.helpValue ?? flag.options?.join('|') ?? 'VALUE'].flat().join(' ') : null,
        summary: flag.description ?? '',
      })),
    examples: examples.map((example) => filled(typeof example === 'string' ? example : example.command, config)),
  }
}

/** oclif's page of a command with the examples first, and without its summary twice. */
class CommandText extends CommandHelp {
  protected override description(): string | undefined {
    return this.command.description === undefined ? undefined : this.wrap(this.command.description)
  }

  protected override sections(): ReturnType<CommandHelp['sections']> {
    const order = ['USAGE', 'EXAMPLES', 'ARGUMENTS', 'FLAGS', 'DESCRIPTION']
    const sections = super.sections()
    return order.flatMap((header) => sections.filter((section) => section.header === header))
  }
}

const listText = (rows: readonly (readonly [string, string])[]): string => {
  const wide = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(wide)}  ${right}`.trimEnd()).join('\n')
}

function commandsText(commands: readonly CommandLine[], config: Config, screen: Screen): string {
  const first = (line: CommandLine): string => line.command.split(' ')[0]!
  const grouped = GROUPS.flatMap(([, words]) => words)
  const others = [...new Set(commands.map(first))].filter((word) => !grouped.includes(word))
  const wide = Math.max(...commands.map((line) => first(line).length))
  const parts = [...GROUPS, ['Help', others] as const].flatMap(([title, words]) => {
    const rows = words.flatMap((word) => {
      const mine = commands.filter((line) => first(line) === word)
      if (mine.length === 0) return []
      const inside = mine.filter((line) => line.command !== word).map((line) => line.command.slice(word.length + 1))
      const summary = mine.find((line) => line.command === word)?.summary ?? config.findTopic(word)?.description ?? ''
      return [`  ${word.padEnd(wide)}  ${summary}${inside.length > 0 ? `: ${inside.join(', ')}` : ''}`]
    })
    return rows.length === 0 ? [] : [paint(screen, 'bold', title), ...rows, '']
  })
  return [
    'Release management for model versions: package, shadow, canary, judge, roll back.',
    '',
    `  $ ${config.bin} init -- python app.py --port 5000     write slipway.yaml for a server of your own`,
    `  $ ${config.bin} release start                         pack it and release it; again after each change`,
    `  $ ${config.bin} release explain                       why it was promoted or taken back`,
    '',
    ...parts,
    `Each command has --help and --json. Exit codes: ${config.bin} help exit-codes`,
    '',
  ].join('\n')
}

/** A page as text for stdout. */
export function helpText(page: HelpPage, config: Config, screen: Screen): string {
  if (page.page === 'exit-codes')
    return `${listText(page.exits.map(({ exit, meaning }) => [String(exit).padStart(3), meaning]))}\n`
  if (page.page === 'commands') return commandsText(page.commands, config, screen)
  if (page.page === 'topic') {
    const rows = page.commands.map(({ command, summary }) => [`${config.bin} ${command}`, summary] as const)
    return `${page.summary === '' ? '' : `${page.summary}\n\n`}${listText(rows)}\n`
  }
  const command = config.findCommand(page.command.replaceAll(' ', ':'), { must: true })
  const width = Math.min(screen.width ?? 100, 100)
  const text = new CommandText({ ...command, id: page.command } as Command.Loadable, config, {
    stripAnsi: true,
    maxWidth: width,
    flagSortOrder: 'none',
  } as ConstructorParameters<typeof CommandHelp>[2])
  const headed = text.generate().replace(/^[A-Z][A-Z ]+$/gm, (heading) => paint(screen, 'bold', heading))
  return `${page.summary}\n\n${headed}\n`
}
