/** What stands in a model's place when a download went wrong. */
import { SlipwayError } from '../errors.ts'
import { shorten, visible } from '../kit/text.ts'
import { textHead } from './text.ts'

const LFS = 'version https://git-lfs.github.com/spec/'

/** What a file is by its first bytes, where that is surely no model; else null. `weights`: its name promises tensors. */
function instead(head: Uint8Array, size: number, weights: boolean): { what: string; next: string[] } | null {
  const text = textHead(head)
  if (text?.startsWith(LFS)) return { what: 'a Git LFS pointer, not the file it stands for', next: ['git lfs pull'] }
  if (!weights) return null
  if (size === 0) return { what: 'an empty file', next: [] }
  if (text === null) return null
  const start = text.trimStart()
  if (/^<(!doctype|html)/i.test(start)) return { what: 'an HTML page (a download that needed a login?)', next: [] }
  if (start.startsWith('<')) return { what: 'an XML text, probably the error of a download', next: [] }
  if (start.startsWith('{'))
    return { what: `a JSON text, probably the error of a download: ${visible(shorten(start, 80))}`, next: [] }
  return { what: `a text: ${JSON.stringify(visible(shorten(start, 60)))}`, next: [] }
}

/** Throws MODEL_NOT_A_MODEL. */
export function refuseInstead(path: string, head: Uint8Array, size: number, weights: boolean): void {
  const found = instead(head, size, weights)
  if (found)
    throw new SlipwayError('MODEL_NOT_A_MODEL', `${visible(path)} is ${found.what}`, {
      where: [{ file: path }],
      next: found.next,
    })
}
