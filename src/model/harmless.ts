/** Files that may go along with a model: known by name and content together. One line each. */
import { type Bytes, slice } from './bytes.ts'
import { Cursor, EndOfBytes } from './cursor.ts'
import { Protobuf, ProtobufFault } from './protobuf.ts'
import { textFacts } from './text.ts'

/** Why a file is not what its name says, or null where it is. */
type Check = (bytes: Bytes) => Promise<string | null>

export interface Harmless {
  readonly kind: string
  /** Of the last part of the path. */
  readonly name: RegExp
  readonly check: Check
  /** What a person should know. */
  readonly note?: string
}

const text =
  (patterns: readonly { readonly pattern: RegExp; readonly why: string }[] = []): Check =>
  async (bytes) => {
    const facts = await textFacts(
      bytes,
      patterns.map((one) => one.pattern),
    )
    return facts.text ? (facts.found === null ? null : patterns[facts.found]!.why) : 'it is no UTF-8 text'
  }

/** Keras layers that carry code, in a model saved as JSON. */
const KERAS = {
  pattern: /"class_name"\s*:\s*"(?:Lambda|TFSMLayer)"/,
  why: 'it describes a Keras layer that carries code',
}
/** Tags make objects of a loader's language; `!!str` and its like are never needed. */
const TAGS = { pattern: /(?:^|[\s[{,:])!(?:!|<)|^%TAG/m, why: 'it holds YAML tags, which may make a loader run code' }

const starts =
  (...magics: readonly (readonly number[])[]): Check =>
  async (bytes) => {
    const head = await slice(bytes, 0, 16)
    return magics.some((magic) => magic.every((byte, k) => byte === -1 || head[k] === byte))
      ? null
      : 'its content is another'
  }

/** An array of numbers; arrays of objects are pickles. */
async function npy(bytes: Bytes): Promise<string | null> {
  const head = await slice(bytes, 0, 12)
  if (!(await starts([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59])(bytes).then((why) => why === null)))
    return 'its content is another'
  const view = new DataView(head.buffer, head.byteOffset, head.length)
  if (head.length < 12) return 'it is cut short'
  const [at, length] = head[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)]
  if (length > 65_536) return 'its header is longer than any array needs'
  const header = new TextDecoder().decode(await slice(bytes, at, length))
  const descr = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d*)'/.exec(header)
  if (!descr || !'biufcSU'.includes(descr[2]!)) return 'it holds objects, which are pickled, or is of no plain type'
  const shape = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)
  const count = (shape?.[1] ?? 'x')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .reduce((all, part) => all * Number(part), 1)
  const width = Number(descr[3] || 1) * (descr[2] === 'U' ? 4 : 1)
  return bytes.size === at + length + count * width ? null : 'its length is not what its header says'
}

/** sentencepiece_model.proto: pieces, trainer, normalizers, and extensions from 200 on. */
async function sentencePiece(bytes: Bytes): Promise<string | null> {
  const proto = new Protobuf(new Cursor(bytes))
  let pieces = 0
  try {
    await proto.message(bytes.size, (field) => {
      if (field.wire !== 2 || (field.number > 5 && field.number < 200)) throw new ProtobufFault(field.at, 'unknown')
      if (field.number === 1) pieces++
    })
  } catch (error) {
    if (error instanceof ProtobufFault || error instanceof EndOfBytes) return 'it is no SentencePiece vocabulary'
    throw error
  }
  return pieces > 0 ? null : 'it is no SentencePiece vocabulary'
}

/** A text or a SentencePiece vocabulary: both are named `.model`. */
const textOr =
  (other: Check): Check =>
  async (bytes) =>
    (await text()(bytes)) === null ? null : other(bytes)

const TEMPLATE = 'is a template: a program that the server may run on each request'

export const HARMLESS: readonly Harmless[] = [
  { kind: 'text', name: /\.(txt|md|rst|csv|tsv|jsonl|ndjson|tiktoken|bpe|vocab|merges|labels|names)$/i, check: text() },
  {
    kind: 'text',
    name: /^(LICEN[CS]E|NOTICE|README|COPYING|CHANGELOG|AUTHORS|VERSION|CITATION|USE_POLICY|MODEL_CARD)([.-][\w.-]*)?$/i,
    check: text(),
  },
  { kind: 'text', name: /^\.(gitattributes|gitignore|gitkeep)$/, check: text() },
  { kind: 'json', name: /\.json$/i, check: text([KERAS]) },
  { kind: 'yaml', name: /\.(ya?ml)$|^MLmodel$/i, check: text([TAGS]) },
  { kind: 'toml', name: /\.(toml|ini|cfg|properties)$/i, check: text() },
  { kind: 'template', name: /\.(jinja|jinja2|j2|gotmpl)$/i, check: text(), note: TEMPLATE },
  { kind: 'vocabulary', name: /\.(model|spm)$/i, check: textOr(sentencePiece) },
  { kind: 'array', name: /\.npy$/i, check: npy },
  // Model cards show pictures; no server loads them.
  { kind: 'image', name: /\.png$/i, check: starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) },
  { kind: 'image', name: /\.jpe?g$/i, check: starts([0xff, 0xd8, 0xff]) },
  { kind: 'image', name: /\.gif$/i, check: starts([0x47, 0x49, 0x46, 0x38]) },
  { kind: 'image', name: /\.webp$/i, check: starts([0x52, 0x49, 0x46, 0x46, -1, -1, -1, -1, 0x57, 0x45, 0x42, 0x50]) },
]
