// Circles of imports, as they exist at run time: type imports are gone by then.

import type { SourceFile } from './source-file.ts'

/** @returns one circle for each import that closes one, as the paths along it */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const byPath = new Map(files.map(file => [file.path, file]))
  const done = new Set<string>()
  const trail: string[] = []
  const cycles: string[][] = []

  const follow = (path: string): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      cycles.push([...trail.slice(start), path])
      return
    }
    const file = byPath.get(path)
    if (!file || done.has(path)) return
    trail.push(path)
    for (const one of file.imports) {
      if (!one.isPackage && !one.isTypeOnly) follow(one.target)
    }
    trail.pop()
    done.add(path)
  }
  for (const path of byPath.keys()) follow(path)
  return cycles
}
