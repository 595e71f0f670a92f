/** Lines of a large file one by one, with the digest of its bytes. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { fileError } from './file-error.ts'

/** Hands out each line (without its end) with its number from 1; returns the SHA-256 of the bytes in hex. A longer line than 64 MiB is cut. */
export async function eachLine(path: string, take: (line: string, number: number) => void): Promise<string> {
  const hash = createHash('sha256')
  const decoder = new TextDecoder()
  const most = 64 * 2 ** 20
  let rest = ''
  let number = 0
  const lines = (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()!.slice(0, most)
    for (const part of parts) take(part, ++number)
  }
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      hash.update(chunk as Buffer)
      lines(decoder.decode(chunk as Buffer, { stream: true }))
    }
  } catch (cause) {
    throw fileError(path, 'read', cause)
  }
  lines(decoder.decode())
  if (rest !== '') take(rest, ++number)
  return hash.digest('hex')
}
