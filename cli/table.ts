// Columns of text, aligned; for what people read. Cells must be printable already. Pure.

import type { Style } from './style.ts'

export interface Column {
  readonly title: string
  /** Numbers are compared by their last digit. */
  readonly isNumber?: true
}

const GAP = '  '

/** @returns the heading and a line for each row, without line breaks */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ isNumber }, at) => {
        const cell = cells[at] ?? ''
        const width = widths[at] ?? 0
        return isNumber ? cell.padStart(width) : cell.padEnd(width)
      })
      .join(GAP)
      .trimEnd()
  return [style.dim(line(columns.map(({ title }) => title))), ...rows.map(line)]
}

/** One line for each value, its title before the first. Titles without values are left out. */
export function fieldLines(
  fields: readonly (readonly [title: string, values: readonly string[]])[],
  style: Style,
): string[] {
  const width = Math.max(...fields.map(([title]) => title.length)) + GAP.length
  return fields.flatMap(([title, values]) =>
    values.map((value, at) => `${style.dim((at === 0 ? title : '').padEnd(width))}${value}`),
  )
}
