import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { OpenFile } from './files.ts'

export const READ_LIMIT = 64 * 2 ** 20

/** A whole file within a limit, by any implementation's `open`. */
export async function readWhole(
  open: (path: string) => Promise<OpenFile>,
  path: string,
  limit: number,
): Promise<Uint8Array> {
  const file = await open(path)
  try {
    if (file.size > limit)
      throw new SlipwayError(
        'FILE_UNREADABLE',
        `${visible(path)} is ${file.size} bytes, more than the ${limit} that may be read`,
        {
          where: [{ file: path }],
        },
      )
    const bytes = new Uint8Array(file.size)
    return bytes.subarray(0, await file.read(bytes, 0))
  } finally {
    await file.close()
  }
}
