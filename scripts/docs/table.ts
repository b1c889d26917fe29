// The tables of a Markdown file, with the numbered section that each stands in. Reads what this project
// writes: pipes at both ends of every row, no pipe inside a cell.

export interface Table {
  /** Number of the heading above, as `3.4`; empty before the first. */
  readonly section: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function tablesOf(markdown: string): Table[] {
  const tables: { section: string; header: string[]; rows: string[][] }[] = []
  let section = ''
  let isInTable = false
  for (const line of markdown.split('\n')) {
    section = /^#+ (\d+(?:\.\d+)*)\b/.exec(line)?.[1] ?? section
    if (!line.startsWith('|')) {
      isInTable = false
    } else if (!isInTable) {
      tables.push({ section, header: cellsOf(line), rows: [] })
      isInTable = true
    } else if (!/^[|\s:-]+$/.test(line)) {
      tables.at(-1)?.rows.push(cellsOf(line))
    }
  }
  return tables
}

/** The one table of a section whose header starts with these cells. @throws RangeError without it */
export function tableIn(markdown: string, section: string, ...header: string[]): Table {
  const found = tablesOf(markdown).find(
    table => table.section === section && header.every((cell, i) => table.header[i] === cell),
  )
  if (found === undefined) throw new RangeError(`no table ${header.join(' | ')} in ${section}`)
  return found
}

/** Text inside the first pair of backticks of a cell, or the cell itself. */
export function nameIn(cell: string | undefined): string {
  return /`([^`]+)`/.exec(cell ?? '')?.[1] ?? cell ?? ''
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split('|')
    .map(cell => cell.trim())
}
