/** What may come next on a command line, computed from the manifest alone; and the scripts that ask for it. */

/** What live names can be completed. */
export type NameKind = 'model' | 'version' | 'release' | 'environment' | 'run'
/** Answers with the names of a kind that the project knows; never fails, never takes long. */
export type LiveNames = (kind: NameKind) => Promise<readonly string[]>

/** The part of a command in oclif.manifest.json that completion reads. */
export interface ManifestCommand {
  readonly summary?: string
  readonly hidden?: boolean
  readonly args: Readonly<Record<string, { readonly options?: readonly string[]; readonly hidden?: boolean }>>
  readonly flags: Readonly<
    Record<
      string,
      {
        readonly type: string
        readonly description?: string
        readonly hidden?: boolean
        readonly multiple?: boolean
        readonly options?: readonly string[]
        readonly helpValue?: string | readonly string[]
      }
    >
  >
}
export type ManifestCommands = Readonly<Record<string, ManifestCommand>>

export interface Candidate {
  readonly value: string
  readonly summary: string
}
/** Fixed candidates, kinds of live names to add, and whether file names do as well. */
export interface Completion {
  readonly candidates: readonly Candidate[]
  readonly names: readonly NameKind[]
  readonly files: boolean
}

const NOTHING: Completion = { candidates: [], names: [], files: false }
const plain = (value: string): Candidate => ({ value, summary: '' })

/** What the name of a value, such as REF, or of an argument stands for. */
const STANDS_FOR: Readonly<Record<string, Partial<Completion>>> = {
  REF: { names: ['version'], files: true },
  // Of `local logs`.
  OF: { names: ['version'], candidates: [plain('host'), plain('data-plane')] },
  RELEASE: { names: ['release'] },
  MODEL: { names: ['model'] },
  ENV: { names: ['environment'] },
  RUN: { names: ['run'] },
  FILE: { files: true },
  DIR: { files: true },
  PATH: { files: true },
  LAYOUT: { files: true },
}

const valuesOf = (options: readonly string[] | undefined, argument: string): Completion => ({
  ...NOTHING,
  ...STANDS_FOR[argument.toUpperCase()],
  ...(options && { candidates: options.map(plain) }),
})

function flagValues(command: ManifestCommand, name: string): Completion | undefined {
  const flag = command.flags[name]
  if (flag?.type !== 'option') return undefined
  return valuesOf(flag.options, [flag.helpValue ?? ''].flat()[0] ?? '')
}

/** `words` is what stands after `slipway`; the last one, maybe empty, is being typed. */
export function complete(words: readonly string[], commands: ManifestCommands): Completion {
  const before = words.slice(0, -1)
  const typed = words.at(-1) ?? ''
  if (before.includes('--')) return { ...NOTHING, files: true }
  const leading = before.findIndex((word) => word.startsWith('-'))
  const spoken = leading === -1 ? before : before.slice(0, leading)
  const used = [3, 2, 1].find((n) => n <= spoken.length && Object.hasOwn(commands, spoken.slice(0, n).join(':')))
  if (used === undefined) return nextWords(spoken, commands)
  const id = spoken.slice(0, used).join(':')
  if (id === 'help' && leading === -1 && !typed.startsWith('-')) return nextWords(spoken.slice(1), commands)
  return inCommand(commands[id]!, before.slice(used), typed)
}

/** The words that may follow those typed, towards a command. */
function nextWords(spoken: readonly string[], commands: ManifestCommands): Completion {
  const found = new Map<string, string>()
  for (const [id, command] of Object.entries(commands)) {
    const parts = id.split(':')
    if (command.hidden || parts.length <= spoken.length) continue
    if (!spoken.every((word, at) => parts[at] === word)) continue
    const whole = parts.length === spoken.length + 1
    const next = parts[spoken.length]!
    if (whole || !found.has(next)) found.set(next, whole ? (command.summary ?? '') : '')
  }
  return { ...NOTHING, candidates: [...found].map(([value, summary]) => ({ value, summary })) }
}

function inCommand(command: ManifestCommand, before: readonly string[], typed: string): Completion {
  const assigned = /^--([a-z-]+)=/.exec(typed)
  if (assigned) {
    const values = flagValues(command, assigned[1]!) ?? NOTHING
    return { ...values, candidates: values.candidates.map(({ value }) => plain(`--${assigned[1]}=${value}`)) }
  }
  const last = /^--([a-z-]+)$/.exec(before.at(-1) ?? '')
  const values = last && flagValues(command, last[1]!)
  if (values) return values
  if (typed.startsWith('-')) return { ...NOTHING, candidates: flagsOf(command, before) }
  const given = before.filter((word, at) => {
    const flag = /^--([a-z-]+)$/.exec(before[at - 1] ?? '')
    return !word.startsWith('-') && command.flags[flag?.[1] ?? '']?.type !== 'option'
  })
  const arg = Object.entries(command.args).filter(([, spec]) => !spec.hidden)[given.length]
  return arg ? valuesOf(arg[1].options, arg[0]) : { ...NOTHING, candidates: flagsOf(command, before) }
}

const flagsOf = (command: ManifestCommand, before: readonly string[]): Candidate[] =>
  Object.entries(command.flags)
    .filter(([name, flag]) => !flag.hidden && (flag.multiple || !before.includes(`--${name}`)))
    .map(([name, flag]) => ({ value: `--${name}`, summary: flag.description ?? '' }))

/** Names that a shell takes as they are; others are not offered. */
const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One candidate a line, `value TAB summary`; a last line `:files` asks for file names as well. */
export function completionText(completion: Completion, names: readonly string[], typed: string): string {
  const all = [...completion.candidates, ...names.map(plain)]
  const lines = all
    .filter(({ value }) => SAFE.test(value) && value.startsWith(typed))
    .map(({ value, summary }) => `${value}\t${summary.replace(/[\t\n]/g, ' ')}`.trimEnd())
  if (completion.files) lines.push(':files')
  return lines.map((line) => `${line}\n`).join('')
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const BASH = `# slipway completion for bash: source this file, or put it into ~/.local/share/bash-completion/completions/slipway
_slipway() {
  local line="\${COMP_LINE:0:COMP_POINT}" words typed cut candidate summary
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  typed="\${words[-1]}"
  # Readline begins a new word at : and =; what stands before them must not come twice.
  cut="\${typed%"\${typed##*[:=]}"}"
  [[ $COMP_WORDBREAKS == *:* ]] || cut="\${typed%"\${typed##*[=]}"}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate summary; do
    if [[ $candidate == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "\${typed#"$cut"}")
    else
      COMPREPLY+=("\${candidate#"$cut"}")
    fi
  done < <(slipway __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _slipway slipway
`

const ZSH = `#compdef slipway
# slipway completion for zsh: put this file as _slipway into a folder of $fpath
_slipway() {
  local line candidate files=0
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
    else
      candidate="\${line%%$'\\t'*}"
      if [[ $line == *$'\\t'* ]]; then
        found+=("\${candidate//:/\\\\:}:\${line#*$'\\t'}")
      else
        found+=("\${candidate//:/\\\\:}")
      fi
    fi
  done < <(slipway __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && _describe 'slipway' found
  (( files )) && _files
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _slipway "$@"
else
  compdef _slipway slipway
fi
`

const FISH = `# slipway completion for fish: put this file into ~/.config/fish/completions/slipway.fish
function __slipway_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in (slipway __complete -- $words[2..] "$typed" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$typed"
        else
            echo $line
        end
    end
end
complete -c slipway -f -a "(__slipway_complete)"
`

/** The script that a shell sources. */
export const completionScript = (shell: Shell): string => ({ bash: BASH, zsh: ZSH, fish: FISH })[shell]
