/** JSON (RFC 8259) from bytes, strict and bounded: duplicate keys, depth, number of values and invalid UTF-8 are errors. */

export interface JsonLimits {
  readonly depth: number
  /** Objects, arrays, strings, numbers and literals together. */
  readonly values: number
  /** Bytes of one key. */
  readonly key: number
}

/** What is wrong, and the byte where. */
export class JsonFault extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export type JsonObject = Map<string, JsonValue>

const utf8 = new TextDecoder('utf-8', { fatal: true })
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const LITERALS: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class Parser {
  at = 0
  private left: number
  private readonly bytes: Uint8Array
  private readonly limits: JsonLimits

  constructor(bytes: Uint8Array, limits: JsonLimits) {
    this.bytes = bytes
    this.limits = limits
    this.left = limits.values
  }

  fail(message: string, offset = this.at): never {
    throw new JsonFault(offset, message)
  }

  blanks(): void {
    for (;;) {
      const byte = this.bytes[this.at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.at++
    }
  }

  expect(char: string): void {
    if (this.bytes[this.at] !== char.charCodeAt(0)) this.fail(`${JSON.stringify(char)} expected`)
    this.at++
  }

  value(depth: number): JsonValue {
    if (--this.left < 0) this.fail(`more than ${this.limits.values} values`)
    if (depth > this.limits.depth) this.fail(`nested deeper than ${this.limits.depth}`)
    this.blanks()
    const byte = this.bytes[this.at]
    const value =
      byte === 0x7b
        ? this.object(depth)
        : byte === 0x5b
          ? this.array(depth)
          : byte === 0x22
            ? this.string()
            : this.scalar()
    this.blanks()
    return value
  }

  private object(depth: number): JsonObject {
    this.at++
    const out: JsonObject = new Map()
    this.blanks()
    if (this.bytes[this.at] === 0x7d) {
      this.at++
      return out
    }
    for (;;) {
      this.blanks()
      const start = this.at
      if (this.bytes[start] !== 0x22) this.fail('a key in quotes expected')
      const key = this.string()
      if (this.at - start > this.limits.key) this.fail(`a key longer than ${this.limits.key} bytes`, start)
      if (out.has(key)) this.fail(`the key ${JSON.stringify(key.slice(0, 80))} stands twice`, start)
      this.blanks()
      this.expect(':')
      out.set(key, this.value(depth + 1))
      if (this.bytes[this.at] === 0x7d) break
      this.expect(',')
    }
    this.at++
    return out
  }

  private array(depth: number): JsonValue[] {
    this.at++
    const out: JsonValue[] = []
    this.blanks()
    if (this.bytes[this.at] === 0x5d) {
      this.at++
      return out
    }
    for (;;) {
      out.push(this.value(depth + 1))
      if (this.bytes[this.at] === 0x5d) break
      this.expect(',')
    }
    this.at++
    return out
  }

  private string(): string {
    const start = this.at++
    for (let byte = this.bytes[this.at]; byte !== 0x22; byte = this.bytes[this.at]) {
      if (byte === undefined) this.fail('a string without an end', start)
      if (byte < 0x20) this.fail('a control character in a string')
      this.at += byte === 0x5c ? 2 : 1
    }
    this.at++
    try {
      const text = utf8.decode(this.bytes.subarray(start, this.at))
      return text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1)
    } catch {
      return this.fail('a string that is not valid', start)
    }
  }

  private scalar(): JsonValue {
    const start = this.at
    while (this.at < this.bytes.length && !' \n\r\t,:]}'.includes(String.fromCharCode(this.bytes[this.at]!))) {
      if (this.at - start > 64) this.fail('a value expected', start)
      this.at++
    }
    const text = String.fromCharCode(...this.bytes.subarray(start, this.at))
    const literal = LITERALS.find(([word]) => word === text)
    if (literal) return literal[1]
    if (!NUMBER.test(text)) this.fail('a value expected', start)
    return Number(text)
  }
}

/** One value and nothing after it but blanks. Throws JsonFault. */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits): JsonValue {
  const parser = new Parser(bytes, limits)
  const value = parser.value(1)
  if (parser.at !== bytes.length) parser.fail('more bytes after the end')
  return value
}
