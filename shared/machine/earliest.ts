// The earliest of the deadlines of a machine's parts, those of them that have one.

export function earliest(...deadlines: readonly (number | undefined)[]): number | undefined {
  let first: number | undefined
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline
  }
  return first
}
