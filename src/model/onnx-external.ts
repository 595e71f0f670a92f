/** Tensors of an ONNX file whose bytes lie in another: inside the folder, within the file, each byte once. */
import type { ModelFile } from './bytes.ts'
import { invalid, truncated } from './format.ts'
import type { TensorProto } from './onnx-tensor.ts'

/** A tensor's place in another file. */
export interface External {
  readonly name: string
  /** The ONNX file that names it. */
  readonly from: string
  /** Relative to the model's folder. */
  readonly file: string
  readonly offset: number
  readonly bytes: number
}

/** Writers align tensors to pages of up to 64 KiB; a longer gap is no alignment. */
const MAX_GAP = 65_536

/** A path relative to the ONNX file, taken apart; undefined where it leads out of the model's folder. */
function joined(from: string, location: string): string | undefined {
  if (location === '' || /^[/\\]|^[A-Za-z]:|[\\\0]/.test(location)) return undefined
  const parts = from.split('/').slice(0, -1)
  for (const part of location.split('/')) {
    if (part === '..') return undefined
    if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/').normalize('NFC')
}

const whole = (text: string | undefined): number | undefined =>
  text === undefined ? 0 : /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined

/** Where a tensor lies; `fault` throws with the tensor's name. */
export function externalOf(from: string, tensor: TensorProto, bytes: number, fault: (what: string) => never): External {
  if (tensor.raw !== null || tensor.typed) fault('has bytes both in the file and outside')
  if (tensor.type === 8) fault('holds strings and lies outside the file, which ONNX does not know')
  const location = tensor.places.get('location') ?? ''
  const file = joined(from, location)
  if (file === undefined) return fault(`lies at ${JSON.stringify(location.slice(0, 200))}, outside the model's folder`)
  const offset = whole(tensor.places.get('offset'))
  const length = tensor.places.has('length') ? whole(tensor.places.get('length')) : bytes
  if (offset === undefined || length === undefined) return fault('has an offset or length that is no whole number')
  if (length !== bytes) return fault(`takes ${length} bytes outside the file, but its type and shape need ${bytes}`)
  return { name: tensor.name, from, file, offset, bytes }
}

/** Throws MODEL_INVALID, MODEL_TRUNCATED. */
export function checkExternal(places: readonly External[], all: ReadonlyMap<string, ModelFile>): void {
  const byFile = Map.groupBy(places, (place) => place.file)
  for (const [file, own] of byFile) {
    const size = all.get(file)?.size
    if (size === undefined)
      throw invalid(own[0]!.from, null, `the file ${JSON.stringify(file)} that holds its tensors is missing; fetch it`)
    let at = 0
    let before: External | undefined
    for (const place of [...own].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
      const named = `tensor ${JSON.stringify(place.name.slice(0, 120))}`
      const shared = before !== undefined && before.offset === place.offset && before.bytes === place.bytes
      if (place.offset + place.bytes > size)
        throw truncated(file, size, `the file ends here, but ${named} goes to byte ${place.offset + place.bytes}`)
      if (place.offset < at && !shared) throw invalid(file, place.offset, `${named} overlaps the one before it`)
      if (place.offset - at >= MAX_GAP)
        throw invalid(
          file,
          at,
          `${place.offset - at} bytes before ${named} belong to none; save the model again into an empty folder`,
        )
      at = place.offset + place.bytes
      before = place
    }
    if (size - at >= MAX_GAP)
      throw invalid(
        file,
        at,
        `${size - at} bytes at the end belong to no tensor; save the model again into an empty folder`,
      )
  }
}
