/** Tables of the report, with their roles kept where narrow screens turn rows into cards. Cells are HTML. */
import { escaped } from '../escape.ts'

export interface Column {
  /** Plain text. */
  readonly head: string
  /** HTML of the head, where it is more than its text. */
  readonly html?: string
  readonly cls?: string
}
/** One row; `cls` of the row, and a cell over all columns where `whole`. */
export interface HtmlRow {
  readonly cells: readonly string[]
  readonly cls?: string
  readonly whole?: boolean
}

const attribute = (name: string, value: string | undefined): string =>
  value === undefined || value === '' ? '' : ` ${name}="${escaped(value)}"`

export function htmlTable(cls: string, columns: readonly Column[], rows: readonly HtmlRow[]): string {
  const head = columns
    .map(
      ({ head: text, html, cls: c }) =>
        `<th role="columnheader" scope="col"${attribute('class', c)}>${html ?? escaped(text)}</th>`,
    )
    .join('')
  const body = rows.map((row) => {
    if (row.whole)
      return `<tr role="row"${attribute('class', row.cls)}><td role="cell" colspan="${columns.length}">${row.cells[0]}</td></tr>`
    const cells = row.cells.map((cell, i) => {
      const column = columns[i]!
      const none = cell === '' || cell === '-' ? 'none' : ''
      const c = [column.cls, none].filter(Boolean).join(' ')
      return `<td role="cell"${attribute('class', c)}${i === 0 ? '' : attribute('data-l', column.head)}>${cell}</td>`
    })
    return `<tr role="row"${attribute('class', row.cls)}>${cells.join('')}</tr>`
  })
  return `<table class="${cls}" role="table"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body.join('\n')}</tbody></table>\n`
}
