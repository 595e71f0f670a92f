/** What differs between two versions, for reports. Pure. */
import { formatCount, formatSize } from '../kit/units.ts'
import type { Lineage, ModelVersion } from '../model/types.ts'
import type { ChangeView } from './types.ts'

const bytesOf = (version: ModelVersion): number => version.files.reduce((sum, f) => sum + f.size, 0)
const NONE = '-'

function files(before: ModelVersion, after: ModelVersion): ChangeView[] {
  const old = new Map(before.files.map((f) => [`${f.root}/${f.path}`, f]))
  const now = new Map(after.files.map((f) => [`${f.root}/${f.path}`, f]))
  const changes: ChangeView[] = []
  for (const [path, file] of now) {
    const was = old.get(path)
    if (!was) changes.push({ what: `file ${path}`, baseline: NONE, candidate: formatSize(file.size) })
    else if (was.sha256 !== file.sha256)
      changes.push({
        what: `file ${path}`,
        baseline: `${formatSize(was.size)} ${was.sha256.slice(0, 8)}`,
        candidate: `${formatSize(file.size)} ${file.sha256.slice(0, 8)}`,
      })
  }
  for (const [path, file] of old)
    if (!now.has(path)) changes.push({ what: `file ${path}`, baseline: formatSize(file.size), candidate: NONE })
  return changes
}

function tensors(before: ModelVersion, after: ModelVersion): ChangeView[] {
  const shape = (version: ModelVersion) =>
    new Map((version.header?.tensors ?? []).map((t) => [t.name, `${t.dtype} ${t.shape.join('×')}`]))
  const [old, now] = [shape(before), shape(after)]
  const names = new Set([...old.keys(), ...now.keys()])
  return [...names].flatMap((name) => {
    const [was, is] = [old.get(name) ?? NONE, now.get(name) ?? NONE]
    return was === is ? [] : [{ what: `tensor ${name}`, baseline: was, candidate: is }]
  })
}

const text = (value: unknown): string =>
  value === undefined || value === null ? NONE : typeof value === 'string' ? value : JSON.stringify(value)

/** Rows of the table; at most `most` files and tensors each. */
export function changesOf(
  before: ModelVersion | null,
  after: ModelVersion | null,
  was: Lineage = {},
  is: Lineage = {},
  most = 20,
): ChangeView[] {
  const rows: ChangeView[] = []
  const row = (what: string, b: unknown, c: unknown) => {
    if (text(b) !== text(c)) rows.push({ what, baseline: text(b), candidate: text(c) })
  }
  row(
    'parameters',
    before?.header && formatCount(before.header.parameters),
    after?.header && formatCount(after.header.parameters),
  )
  row('size', before && formatSize(bytesOf(before)), after && formatSize(bytesOf(after)))
  row('training run', was.run, is.run)
  row('training data', was.dataDigest?.slice(0, 19), is.dataDigest?.slice(0, 19))
  row('code commit', was.codeCommit?.slice(0, 12), is.codeCommit?.slice(0, 12))
  row('seed', was.seed, is.seed)
  row('metrics', was.metrics, is.metrics)
  if (!before || !after) return rows
  row('command', before.serving.command.join(' '), after.serving.command.join(' '))
  row('params', before.serving.params, after.serving.params)
  return [...rows, ...tensors(before, after).slice(0, most), ...files(before, after).slice(0, most)]
}
