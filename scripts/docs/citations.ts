// What comments in the code say about the documents: `docs/PROTOCOL.md 3.1, 3.2`, `docs/THREATS.md 9, R12`,
// and in short `threat 19`, `gate 2`, `architecture D3`.

export interface Citation {
  /** File in docs/. */
  readonly document: string
  /** Section number, or the name of a row or paragraph. */
  readonly place: string
}

const FULL = /docs\/([A-Z]+\.md),? ((?:(?:gate |threat )?[RD]?\d+(?:\.\d+)*(?:, )?)+)/g
const SHORT = /\b(threat|gate|architecture) (D?\d+)\b/gi

/** @param source text of a source file */
export function citationsOf(source: string): Citation[] {
  // A citation may go on in the next line of its comment.
  const text = source.replace(/\n\s*(?:\/\/|\*) ?/g, ' ')
  const full = [...text.matchAll(FULL)].flatMap(([, document = '', list = '']) =>
    list
      .split(', ')
      .filter(place => place !== '' && !place.startsWith('threat '))
      .map(place => ({ document, place })),
  )
  const short = [...text.matchAll(SHORT)].map(([, kind = '', place = '']) =>
    shortCitation(kind.toLowerCase(), place),
  )
  return [...full, ...short]
}

function shortCitation(kind: string, place: string): Citation {
  if (kind === 'architecture') return { document: 'ARCHITECTURE.md', place }
  return { document: 'THREATS.md', place: kind === 'gate' ? `gate ${place}` : place }
}

/** Places that a document offers: numbered headings, first cells of tables, bold paragraph names. */
export function placesOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.matchAll(/^#+ (\d+(?:\.\d+)*)\b/gm)
  const rows = markdown.matchAll(/^\| ((?:gate )?R?\d+) \|/gm)
  const paragraphs = markdown.matchAll(/^\*\*(D\d+)\b/gm)
  return new Set([...headings, ...rows, ...paragraphs].map(([, place = '']) => place))
}
