// Reads every source file that the layer rules are about from disk.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SourceFile } from './source-file.ts'
import { readSource } from './source-file.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What the project ships, and its simulator. Scripts, benchmarks and end-to-end tests are tools: free. */
const FOLDERS = ['shared', 'host', 'client', 'server', 'web', 'cli', 'sim']

export function readSourceTree(): SourceFile[] {
  return FOLDERS.flatMap(folder => sourcePaths(join(ROOT, folder))).map(path =>
    readSource(relative(ROOT, path).split(sep).join('/'), readFileSync(path, 'utf8')),
  )
}

function sourcePaths(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .map(name => join(folder, name))
}
