// What a misspelt word may have been meant to be. Pure.

/** More wrong letters than this, or half of the word, and it is another word. */
const MAX_EDITS = 2

/** @returns the choice that is fewest edits away, whatever the case; `undefined` when none is near */
export function similarTo(text: string, choices: readonly string[]): string | undefined {
  const word = text.toLowerCase()
  const near = choices
    .map(choice => ({ choice, edits: editsBetween(word, choice.toLowerCase()) }))
    .filter(({ choice, edits }) => edits <= Math.min(MAX_EDITS, choice.length / 2))
  return near.toSorted((a, b) => a.edits - b.edits)[0]?.choice
}

/** Letters to put in, leave out or exchange (Levenshtein). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (const [rowAt, letter] of [...from].entries()) {
    const next = [rowAt + 1]
    for (const [at, other] of [...to].entries()) {
      const kept = (row[at] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(kept, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
