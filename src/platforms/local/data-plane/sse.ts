/** Server-sent events (WHATWG HTML 9.2.6) as far as answers need them: the last event, and OpenAI's deltas merged to a message. */

interface Event {
  readonly type: string
  readonly data: string
}

/** Events of a whole stream; a last one that no blank line ends counts too, as a stream may end with its data line. */
function eventsOf(text: string): Event[] {
  const events: Event[] = []
  let type = ''
  let data: string[] = []
  const close = () => {
    if (data.length > 0) events.push({ type: type || 'message', data: data.join('\n') })
    type = ''
    data = []
  }
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    if (line === '') close()
    else if (!line.startsWith(':')) {
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') data.push(value)
      else if (field === 'event') type = value
    }
  }
  close()
  return events
}

export interface StreamOutcome {
  /** What the pointer is applied to: the merged message first, then the last event's data. */
  readonly candidates: readonly unknown[]
  /** The stream ended in an error: an `error` event, or data that is an object with an `error`. */
  readonly error: boolean
}

/** What a whole event stream amounts to. */
export function readStream(text: string): StreamOutcome {
  const events = eventsOf(text)
  const values: unknown[] = []
  let last: Event | undefined
  for (const event of events) {
    if (event.data.trim() === '[DONE]') continue
    last = event
    values.push(parsed(event.data))
  }
  const end = values.at(-1)
  const error = last?.type === 'error' || (isObject(end) && isSomething(end.error))
  const merged = mergedMessage(values)
  return { candidates: merged === undefined ? [end] : [merged, end], error }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSomething = (value: unknown): boolean => value !== undefined && value !== null && value !== false

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface Choice {
  index: number
  message: Record<string, unknown>
  text: string | undefined
  finish: unknown
}

/**
 * Chat and text completion chunks merged to the shape of the answer that is not streamed: the last chunk's fields, and
 * per index `message` (strings of deltas joined, tool calls by index) or `text`. Undefined where no chunk has choices.
 */
function mergedMessage(values: readonly unknown[]): unknown {
  const choices = new Map<number, Choice>()
  let frame: Record<string, unknown> = {}
  for (const value of values) {
    if (!isObject(value) || !Array.isArray(value.choices)) continue
    frame = { ...frame, ...value }
    for (const raw of value.choices) if (isObject(raw)) addChoice(choices, raw)
  }
  if (choices.size === 0) return undefined
  const merged = [...choices.values()]
    .sort((a, b) => a.index - b.index)
    .map((choice) => ({
      index: choice.index,
      ...(choice.text === undefined ? { message: choice.message } : { text: choice.text }),
      finish_reason: choice.finish ?? null,
    }))
  return { ...frame, choices: merged }
}

function addChoice(choices: Map<number, Choice>, raw: Record<string, unknown>): void {
  const index = typeof raw.index === 'number' ? raw.index : 0
  let choice = choices.get(index)
  if (!choice) {
    choice = { index, message: {}, text: undefined, finish: null }
    choices.set(index, choice)
  }
  if (typeof raw.text === 'string') choice.text = (choice.text ?? '') + raw.text
  if (isObject(raw.delta)) mergeDelta(choice.message, raw.delta)
  if (isSomething(raw.finish_reason)) choice.finish = raw.finish_reason
}

function mergeDelta(into: Record<string, unknown>, delta: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(delta)) {
    if (key === '__proto__') continue
    const before = Object.hasOwn(into, key) ? into[key] : undefined
    if (key === 'tool_calls' && Array.isArray(value)) into[key] = mergeCalls(Array.isArray(before) ? before : [], value)
    else if (typeof value === 'string' && typeof before === 'string' && key !== 'role') into[key] = before + value
    else if (isObject(value) && isObject(before)) mergeDelta(before, value)
    else if (value !== null || before === undefined) into[key] = value
  }
}

function mergeCalls(before: unknown[], calls: readonly unknown[]): unknown[] {
  for (const call of calls) {
    if (!isObject(call)) continue
    const known = before.find((one) => isObject(one) && one.index === call.index)
    if (!isObject(known)) before.push(structuredClone(call))
    else if (isObject(call.function) && isObject(known.function)) {
      const name = [known.function.name, call.function.name].find((one) => typeof one === 'string')
      const text = [known.function.arguments, call.function.arguments].filter((one) => typeof one === 'string')
      known.function = { ...known.function, ...(name === undefined ? {} : { name }), arguments: text.join('') }
    }
  }
  return before
}
