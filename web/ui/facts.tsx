// Facts in a row, `23 ms · 98 % reliable`: lines break between them, never within one.

export function Facts({
  of,
  by = ' · ',
}: {
  readonly of: readonly string[]
  readonly by?: string
}) {
  return (
    <>
      {of.map((fact, at) => (
        <span key={fact}>
          {at > 0 && by}
          <span class="fact">{fact}</span>
        </span>
      ))}
    </>
  )
}
