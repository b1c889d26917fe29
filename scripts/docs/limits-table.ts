// Section 13 of the protocol document, made from shared/wire/limits.ts: one table for each group of
// constants there, with their values and the sentence above them. write.ts puts it in its place.

const BEGIN = '<!-- limits -->'
const END = '<!-- /limits -->'

export type LimitValue = number | string | Readonly<Record<string, number>>

/**
 * @param source text of limits.ts
 * @param values what it exports
 * @throws RangeError for a constant without a comment of its own or of a neighbour above
 */
export function renderLimits(source: string, values: Readonly<Record<string, LimitValue>>): string {
  const lines: string[] = []
  let comment = ''
  for (const line of source.split('\n')) {
    const group = /^\/\/ ---- (.+) ----$/.exec(line)?.[1]
    const name = /^export const (\w+)/.exec(line)?.[1]
    comment = /^\/\*\* (.+) \*\/$/.exec(line)?.[1] ?? comment
    if (group !== undefined) {
      comment = ''
      lines.push(
        '',
        `**${group}**`,
        '',
        '| constant | value | what it is, and the abuse it bounds |',
      )
      lines.push('| --- | --- | --- |')
    } else if (name !== undefined) {
      if (comment === '') throw new RangeError(`${name} has no comment`)
      lines.push(`| \`${name}\` | ${renderValue(values[name])} | ${comment.replaceAll('|', '/')} |`)
    }
  }
  return `${lines.join('\n')}\n\n`
}

/** The document with its section of limits put right. @throws RangeError without the two markers */
export function withLimits(markdown: string, limits: string): string {
  const [begin, end] = [markdown.indexOf(BEGIN), markdown.indexOf(END)]
  if (begin < 0 || end < begin) throw new RangeError('the markers of the limits are missing')
  return `${markdown.slice(0, begin)}${BEGIN}\n${limits}${markdown.slice(end)}`
}

/** Numbers with a comma for every three digits. */
function renderValue(value: LimitValue | undefined): string {
  if (value === undefined) throw new RangeError('a limit has no value')
  if (typeof value === 'string') return `\`${value}\``
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumFractionDigits: 3 })
  return Object.entries(value)
    .map(([name, part]) => `${name} ${renderValue(part)}`)
    .join(', ')
}
