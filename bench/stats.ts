// Figures and how they are printed. Pure.

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export interface Row {
  readonly what: string
  readonly unit: string
  /** NaN where there is no bare counterpart. */
  readonly bare: number
  readonly keymesh: number
  /** What keymesh must reach, as printed. */
  readonly goal: string
  readonly isReached: boolean
}

const WIDTHS = [48, 10, 12, 12, 8, 22] as const

export function header(): string {
  return line(['what', 'unit', 'bare', 'keymesh', 'ratio', 'goal'])
}

export function format(row: Row): string {
  const { what, unit, bare, keymesh, goal, isReached } = row
  const mark = isReached ? 'reached' : 'MISSED'
  return line([
    what,
    unit,
    figure(bare),
    figure(keymesh),
    figure(keymesh / bare),
    goal === '' ? '' : `${goal} ${mark}`,
  ])
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd()
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}
