// The version of this package, from the package.json above this file, wherever the build has put it.

import { readFileSync } from 'node:fs'

export function packageVersion(): string {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    try {
      const text = readFileSync(new URL('package.json', folder), 'utf8')
      return (JSON.parse(text) as { version: string }).version
    } catch (error) {
      if (folder.pathname === '/' || !isMissing(error)) throw error
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
