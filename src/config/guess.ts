/** What one try of a server's command shows: the port and the model in its arguments, where it is ready, what its answer is. Pure. */

/** Paths that servers answer when they are ready, most telling first. */
export const READY_PATHS = ['/health', '/healthz', '/ready', '/readyz', '/v1/models', '/'] as const

/** A valid name of a model from the name of a folder. */
export function modelNameOf(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, '-')
    .slice(0, 63)
    .replace(/^[._-]+|[._-]+$/g, '')
  return name === '' ? 'model' : name
}

const MODEL_FILE =
  /\.(safetensors|gguf|onnx|joblib|pkl|pickle|pt|pth|ckpt|h5|keras|tflite|pb|npz|npy|bin|model|mar|engine|plan|cbm|ubj)$/i
const CODE_FILE = /\.(py|pyc|js|mjs|cjs|ts|mts|sh|bash|rb|jar|lua|pl|php|go|rs|toml|ya?ml|ini|cfg|conf|env|lock|whl)$/i

/** An argument as flag and value: `--model=x` and `--model x` look the same. */
interface Argument {
  readonly index: number
  readonly flag: string
  readonly value: string
}
function argumentsOf(command: readonly string[]): readonly Argument[] {
  return command.map((text, index): Argument => {
    const match = /^(--?[A-Za-z][\w.-]*)=(.+)$/s.exec(text)
    if (match) return { index, flag: match[1]!, value: match[2]! }
    const before = command[index - 1] ?? ''
    return { index, flag: /^--?[A-Za-z]/.test(before) && !before.includes('=') ? before : '', value: text }
  })
}

/** Arguments that may be paths of files, to look at on disk; the program itself is none. */
export const pathArguments = (command: readonly string[]): readonly string[] => [
  ...new Set(
    argumentsOf(command)
      .filter(({ index, value }) => index > 0 && !value.startsWith('-') && !value.includes('{'))
      .map(({ value }) => value),
  ),
]

/** The argument that names the model, or undefined. `kindOf`: what is at a path. */
export function modelArgument(
  command: readonly string[],
  kindOf: (path: string) => 'file' | 'folder' | null,
): string | undefined {
  const points = ({ flag, value }: Argument): number => {
    const kind = kindOf(value)
    if (kind === null || (kind === 'file' && CODE_FILE.test(value))) return 0
    return (
      (/model|weights|checkpoint|^-m$/i.test(flag) ? 4 : 0) +
      (kind === 'file' && MODEL_FILE.test(value) ? 2 : 0) +
      (kind === 'folder' && /model|weights|checkpoint/i.test(value) ? 1 : 0)
    )
  }
  return argumentsOf(command)
    .slice(1)
    .map((argument) => ({ value: argument.value, points: points(argument) }))
    .filter((one) => one.points > 0)
    .toSorted((a, b) => b.points - a.points)[0]?.value
}

/** Ports that stand in a command, those of a flag named so first. */
export function likelyPorts(command: readonly string[]): readonly number[] {
  const found = argumentsOf(command)
    .slice(1)
    .flatMap(({ flag, value }) =>
      [...value.matchAll(/(?<![\w.])\d{2,5}(?![\w.])/g)].map(([text]) => ({
        port: Number(text),
        named: /port|^-p$/i.test(flag),
      })),
    )
  return found.toSorted((a, b) => Number(b.named) - Number(a.named)).map(({ port }) => port)
}

const HOSTS = new Set(['0.0.0.0', '127.0.0.1', 'localhost', '::', '::1', '[::]', '[::1]'])

/** The command with {port}, {model} and {host} in the places of what was seen. */
export function withPlaceholders(
  command: readonly string[],
  seen: { readonly port: number; readonly model: string | undefined },
): readonly string[] {
  const port = new RegExp(`(?<![\\w.])${seen.port}(?![\\w.])`, 'g')
  return argumentsOf(command).map(({ index, flag, value }) => {
    const whole = command[index]!
    if (index === 0) return whole
    const head = whole.slice(0, whole.length - value.length)
    if (seen.model !== undefined && value === seen.model) return `${head}{model}`
    if (HOSTS.has(value) && /host|bind|address|listen|^-H$/i.test(flag)) return `${head}{host}`
    return head + value.replace(port, '{port}')
  })
}

const TELLING =
  /^(label|labels|prediction|predictions|predicted|class|answer|output|outputs|result|results|text|response|category|score)$/i
const UNTELLING = /^(id|object|created|model|time|timestamp|latency|duration|ms|usage|version|index|status)$/i

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Every value of an answer with its pointer, nearest to the top first; bounded. */
function pointersOf(
  answer: unknown,
): readonly { readonly pointer: string; readonly key: string; readonly value: unknown }[] {
  const found: { pointer: string; key: string; value: unknown }[] = [{ pointer: '', key: '', value: answer }]
  for (let at = 0; at < found.length && found.length < 2000; at++) {
    const { pointer, value } = found[at]!
    if (typeof value !== 'object' || value === null) continue
    for (const [key, inner] of Object.entries(value))
      found.push({ pointer: `${pointer}/${escaped(key)}`, key, value: inner })
  }
  return found
}

/** The pointer to what is the answer in a server's answer; `expect`: the value that it should be, where known. */
export function answerPointer(answer: unknown, expect?: unknown): string | undefined {
  const all = pointersOf(answer)
  if (expect !== undefined) return all.find(({ value }) => same(value, expect))?.pointer
  if (isScalar(answer)) return answer === null ? undefined : ''
  if (all.some(({ pointer }) => pointer === '/choices/0/message/content')) return '/choices/0/message/content'
  const named = all.filter(({ key }) => TELLING.test(key))
  const scalar = (list: typeof all) => list.find(({ value }) => isScalar(value) && value !== null)
  const under = named[0]
  return (
    scalar(named)?.pointer ??
    (under === undefined
      ? undefined
      : scalar(all.filter(({ pointer }) => pointer.startsWith(`${under.pointer}/`)))?.pointer) ??
    scalar(all.filter(({ key }) => !UNTELLING.test(key)))?.pointer
  )
}

/** The JSON of an answer: its body, or of server-sent events the last one; OpenAI deltas as the message that they become. */
export function answerJson(contentType: string, body: string): unknown {
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      return undefined
    }
  }
  if (!contentType.includes('event-stream')) return parse(body)
  const events = [...body.matchAll(/^data:[ ]?(.*)$/gm)]
    .map(([, data]) => parse(data!.trim()))
    .filter((one) => one !== undefined)
  const delta = events.some((event) => pointersOf(event).some(({ pointer }) => pointer === '/choices/0/delta'))
  return delta ? { choices: [{ message: { content: '' } }] } : events.at(-1)
}
