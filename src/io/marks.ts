/** Values of SLIPWAY_ID: by them everything that slipway started for a project is found again, wherever it went. */
import { createHash } from 'node:crypto'

export type MarkKind = 'server' | 'prepare' | 'train' | 'data-plane' | 'host' | 'load'

/** `PROJECT:` of a state folder (its absolute path): the beginning of all its marks. */
export const markPrefix = (stateFolder: string): string =>
  `${createHash('sha256').update(stateFolder).digest('hex').slice(0, 16)}:`

/** A mark without blanks: `PROJECT:KIND:NAME`. */
export const markOf = (stateFolder: string, kind: MarkKind, name: string): string =>
  `${markPrefix(stateFolder)}${kind}:${encodeURIComponent(name)}`

/** The kind within a mark. */
export const kindOfMark = (mark: string): string => mark.split(':')[1] ?? ''
