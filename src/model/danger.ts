/** What a file is that is not on the list of the harmless: its kind for the allow: line, and why it is refused. */
import { type Bytes, slice } from './bytes.ts'
import { scanPickle } from './pickle.ts'
import { textFacts } from './text.ts'
import { zipNames } from './zip.ts'

export interface Danger {
  /** As artifact.allow names it. */
  readonly kind: string
  /** Completes "FILE is …". */
  readonly why: string
}

interface Magic {
  readonly kind: string
  readonly why: string
  readonly at: number
  readonly bytes: readonly number[]
}
const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0))
const PROGRAM = 'a program for the machine itself'
const PACKED = 'a packed archive, whose content cannot be seen without unpacking it'

const MAGICS: readonly Magic[] = [
  {
    kind: 'hdf5',
    why: 'an HDF5 file; Keras models in it may carry code that runs when they are loaded',
    at: 0,
    bytes: [0x89, ...ascii('HDF\r\n\x1a\n')],
  },
  { kind: 'program', why: PROGRAM, at: 0, bytes: [0x7f, ...ascii('ELF')] },
  { kind: 'program', why: PROGRAM, at: 0, bytes: ascii('MZ') },
  { kind: 'program', why: PROGRAM, at: 0, bytes: [0xcf, 0xfa, 0xed, 0xfe] },
  { kind: 'program', why: PROGRAM, at: 0, bytes: [0xce, 0xfa, 0xed, 0xfe] },
  { kind: 'program', why: PROGRAM, at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe] },
  { kind: 'program', why: 'a WebAssembly program', at: 0, bytes: [0, ...ascii('asm')] },
  { kind: 'archive', why: PACKED, at: 0, bytes: [0x1f, 0x8b] },
  { kind: 'archive', why: PACKED, at: 0, bytes: ascii('BZh') },
  { kind: 'archive', why: PACKED, at: 0, bytes: [0xfd, ...ascii('7zXZ')] },
  { kind: 'archive', why: PACKED, at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { kind: 'archive', why: PACKED, at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { kind: 'archive', why: PACKED, at: 0, bytes: ascii('Rar!') },
  { kind: 'archive', why: PACKED, at: 257, bytes: ascii('ustar') },
]

const CODE =
  /\.(py|pyw|pyi|ipynb|js|mjs|cjs|ts|sh|bash|zsh|fish|rb|pl|lua|php|r|jl|java|go|rs|c|cc|cpp|h|cu|ps1|bat|cmd|sql|html?|svg)$/i

/** What would run when somebody loads the file as what it also is; null: nothing found. Asked of every file, whatever its name. */
export async function hidden(bytes: Bytes): Promise<Danger | null> {
  const pickle = await scanPickle(bytes)
  if (pickle.marked || pickle.runs) {
    const names = pickle.imports.length === 0 ? '' : ` (it imports ${pickle.imports.slice(0, 3).join(', ')})`
    return { kind: 'pickle', why: `a Python pickle, which runs code when it is loaded${names}` }
  }
  const names = await zipNames(bytes)
  if (names === null) return null
  const pickles = names.filter((name) => /\.(pkl|pickle|joblib)$|(^|\/)data\.pkl$/i.test(name))
  if (pickles.length > 0)
    return {
      kind: 'pickle',
      why: `an archive with Python pickles (${pickles[0]}), which run code when they are loaded`,
    }
  return { kind: 'zip', why: `a ZIP archive, whose content a loader may run (${names.slice(0, 3).join(', ')})` }
}

/** The kind of a file that nothing harmless fits. */
export async function dangerOf(path: string, bytes: Bytes): Promise<Danger> {
  const found = await hidden(bytes)
  if (found) return found
  const head = await slice(bytes, 0, 512)
  const magic = MAGICS.find((one) => one.bytes.every((byte, k) => head[one.at + k] === byte))
  if (magic) return magic
  if (CODE.test(path)) return { kind: 'code', why: 'a program text; code belongs under artifact.code' }
  if ((await textFacts(bytes, [])).text) return { kind: 'text', why: 'a text whose name says nothing of its use' }
  return { kind: 'unknown', why: 'of no kind that is known to be harmless' }
}
