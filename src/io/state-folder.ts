/** `.slipway/` beside slipway.yaml: private, and ignored by git. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'

/** Makes the folder where it is missing and returns its path. PERMISSION where it cannot be made. */
export function stateFolder(projectFolder: string): string {
  const folder = join(projectFolder, '.slipway')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const ignore = join(folder, '.gitignore')
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n', { mode: 0o600 })
  } catch (cause) {
    throw new SlipwayError('PERMISSION', `.slipway cannot be made beside slipway.yaml: ${(cause as Error).message}`, {
      cause,
    })
  }
  return folder
}
