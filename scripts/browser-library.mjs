// Builds the browser library in memory, for the scripts and tests that look at what is shipped.

import { build } from 'vite'
import { ROOT } from './run-tool.mjs'

/** @typedef {{ fileName: string, code: string, imports: string[], isEntry: boolean }} Chunk */

/** @returns {Promise<Map<string, Chunk>>} by file name */
export async function buildBrowserLibrary() {
  const built = await build({
    configFile: `${ROOT}/vite.config.ts`,
    root: ROOT,
    mode: 'library-browser',
    logLevel: 'error',
    build: { write: false, sourcemap: false },
  })
  const outputs = [built].flat().flatMap(result => ('output' in result ? result.output : []))
  return new Map(
    outputs.filter(part => part.type === 'chunk').map(chunk => [chunk.fileName, chunk]),
  )
}

/**
 * @param {Map<string, Chunk>} chunks
 * @returns {Set<string>} names of the entry and of every chunk it loads at once; the others are loaded on demand
 */
export function initialChunks(chunks) {
  /** @type {Set<string>} */
  const reached = new Set()
  const waiting = [...chunks.values()].filter(chunk => chunk.isEntry).map(chunk => chunk.fileName)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    waiting.push(...(chunks.get(name)?.imports ?? []))
  }
  return reached
}
