/** A version as text: what it is, how it serves, where it comes from. */
import { shorten, visible } from '../kit/text.ts'
import { formatCount, formatSize } from '../kit/units.ts'
import type { Inspected, InspectedHeader, InspectedServing } from '../model/inspected.ts'
import type { Lineage, TensorInfo } from '../model/types.ts'

const METADATA_SHOWN = 24
const WIDTH = 12

const row = (name: string, value: string): string => `${name.padEnd(WIDTH)}${value}`
const words = (argv: readonly string[]): string =>
  argv.map((word) => (/^[\w@%+=:,./{}-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')

function headerLines(header: InspectedHeader | null): string[] {
  if (header === null) return [row('format', 'no file of it holds tensors that slipway reads')]
  const lines = [
    row('format', `${header.format}, ${header.files.length} ${header.files.length === 1 ? 'file' : 'files'}`),
  ]
  if (header.format === 'other') return lines
  const dtypes = Object.entries(header.dtypes).sort((a, b) => b[1] - a[1])
  lines.push(row('parameters', formatCount(header.parameters)))
  lines.push(
    row(
      'tensors',
      `${formatCount(header.tensors)}: ${dtypes.map(([dtype, count]) => `${formatCount(count)} ${visible(dtype)}`).join(', ')}`,
    ),
  )
  const metadata = Object.entries(header.metadata)
  for (const [key, value] of metadata.slice(0, METADATA_SHOWN))
    lines.push(row('metadata', `${visible(key)} = ${visible(shorten(String(value), 100))}`))
  if (metadata.length > METADATA_SHOWN)
    lines.push(row('metadata', `… and ${metadata.length - METADATA_SHOWN} more keys`))
  return lines
}

function servingLines(serving: InspectedServing): string[] {
  const lines = [row('command', visible(words(serving.command)))]
  for (const argv of serving.prepare) lines.push(row('prepare', visible(words(argv))))
  if (serving.template !== 'custom') lines.push(row('template', visible(serving.template)))
  const params = Object.entries(serving.params).map(([key, value]) => `${key}=${value}`)
  if (params.length > 0) lines.push(row('params', visible(params.join(' '))))
  if (serving.env.length > 0) lines.push(row('env', visible(serving.env.join(' '))))
  lines.push(row('ready', visible(serving.readyPath ?? 'when its port answers')))
  lines.push(
    row(
      'requests',
      visible(
        serving.requests.length === 0 ? 'every POST, or what the evaluation sets ask' : serving.requests.join(', '),
      ),
    ),
  )
  lines.push(row('answer', visible(serving.answer ?? 'none: quality cannot be compared')))
  return lines
}

function lineageLines(lineage: Lineage): string[] {
  const lines: string[] = []
  if (lineage.run !== undefined) lines.push(row('run', visible(lineage.run)))
  if (lineage.dataDigest !== undefined) lines.push(row('data', visible(lineage.dataDigest)))
  if (lineage.codeCommit !== undefined) lines.push(row('commit', visible(lineage.codeCommit)))
  if (lineage.parent !== undefined) lines.push(row('parent', visible(lineage.parent)))
  if (lineage.seed !== undefined) lines.push(row('seed', String(lineage.seed)))
  for (const [name, value] of Object.entries(lineage.metrics ?? {}))
    lines.push(row('metric', `${visible(name)} = ${value}`))
  return lines
}

const tensorLine = ({ name, dtype, shape, bytes, file }: TensorInfo): string =>
  `${visible(name)}  ${visible(dtype)} [${shape.join(', ')}]  ${formatSize(bytes)}  ${visible(file)}`

export function inspectText(found: Inspected): string {
  const { model, digest, tags, createdAt, layers } = found
  const named = tags.length > 0 ? ` ${tags.map((tag) => visible(tag)).join(', ')}` : ''
  const lines = [`${visible(model)}${named}`, row('digest', digest ?? 'not packed: slipway pack gives it one')]
  if (createdAt !== null) lines.push(row('packed', visible(createdAt)))
  lines.push(row('size', `${formatSize(found.bytes)} in ${formatCount(found.fileCount)} files`))
  lines.push(...headerLines(found.header), ...servingLines(found.serving), ...lineageLines(found.lineage))
  for (const layer of layers)
    lines.push(
      row(
        'layer',
        `${layer.digest}  ${formatSize(layer.size)}  ${layer.files} ${layer.files === 1 ? 'file' : 'files'}`,
      ),
    )
  for (const note of found.notes) lines.push(row('note', visible(shorten(note, 300))))
  for (const file of found.files ?? [])
    lines.push(
      row(
        'file',
        `${visible(file.path)}  ${formatSize(file.size)}${file.sha256 === null ? '' : `  ${file.weight ? 'layer ' : ''}${file.sha256}`}`,
      ),
    )
  for (const tensor of found.tensors ?? []) lines.push(row('tensor', tensorLine(tensor)))
  return `${lines.join('\n')}\n`
}
