/** The view itself, for programs. */
import type { ReleaseView } from '../../record/types.ts'

export const reportJson = (view: ReleaseView): string =>
  `${JSON.stringify({ $schema: 'slipway.dev/release/v1', ...view })}\n`
