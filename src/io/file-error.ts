/** What the operating system's codes mean, in slipway's words. */
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const NOT_ALLOWED = new Set(['EACCES', 'EPERM', 'EROFS'])

/** The error of a failed call at a path, in slipway's words. */
export function fileError(path: string, doing: string, cause: unknown): SlipwayError {
  if (cause instanceof SlipwayError) return cause
  const code = (cause as { code?: unknown } | null)?.code
  const shown = visible(path)
  const where = [{ file: path }]
  if (typeof code !== 'string') return new SlipwayError('FILE_UNREADABLE', `cannot ${doing} ${shown}`, { where, cause })
  if (NO_ROOM.has(code))
    return new SlipwayError('NO_SPACE', `no space left to ${doing} ${shown} (${code})`, {
      where,
      next: ['slipway local prune'],
      cause,
    })
  if (NOT_ALLOWED.has(code))
    return new SlipwayError('PERMISSION', `not permitted to ${doing} ${shown} (${code})`, { where, cause })
  const why = code === 'ENOENT' ? 'it does not exist' : code === 'ELOOP' ? 'its links go round in a circle' : code
  return new SlipwayError('FILE_UNREADABLE', `cannot ${doing} ${shown}: ${why}`, { where, cause })
}
