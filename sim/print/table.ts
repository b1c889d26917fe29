// Figures of simulations as small tables on the terminal: columns aligned, numbers to the right.

export type Cell = string | number

/** Numbers with at most one decimal below 100, none above. */
export function formatTable(
  title: string,
  rows: readonly Readonly<Record<string, Cell>>[],
): string {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const texts = rows.map(row => columns.map(column => textOf(row[column] ?? '')))
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...texts.map(cells => cells[at]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [`\n${title}`, line(columns), ...texts.map(line), ''].join('\n')
}

/** Median and worst of each figure over many runs, a row per figure. */
export function medianAndWorst(
  runs: readonly Readonly<Record<string, number>>[],
  isHighBest: readonly string[] = [],
): Record<string, Cell>[] {
  const [first] = runs
  return Object.keys(first ?? {}).map(figure => {
    const values = runs.map(run => run[figure] ?? Number.NaN).sort((a, b) => a - b)
    const worst = isHighBest.includes(figure) ? values[0] : values.at(-1)
    return { figure, median: values[(values.length - 1) >> 1] ?? 0, worst: worst ?? 0 }
  })
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function textOf(cell: Cell): string {
  if (typeof cell === 'string') return cell
  if (Number.isInteger(cell) || Math.abs(cell) >= 100) return Math.round(cell).toString()
  return cell.toFixed(Math.abs(cell) < 1 ? 3 : 1)
}
