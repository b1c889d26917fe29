// The files of the project that tests of the documents read.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Project } from './check.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const NOT_OURS = /(^|\/)(node_modules|dist|coverage|\.[^/]+)(\/|$)/

export const project: Project = {
  exists: path => existsSync(join(ROOT, path)),
  read: path => readFileSync(join(ROOT, path), 'utf8'),
  scripts: Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts),
}

/** Paths from the root of all files of ours whose name ends so. */
export function filesEnding(endings: readonly string[], folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (NOT_OURS.test(path)) return []
    if (entry.isDirectory()) return filesEnding(endings, path)
    return endings.some(ending => path.endsWith(ending)) ? [path] : []
  })
}
