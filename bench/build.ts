// Bundles the workers the way the library ships: one pass of the bundler, dependencies stay imports.

import { mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const WORKERS = fileURLToPath(new URL('./workers/', import.meta.url))
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))

/** @returns a temporary folder with `NAME.js` for each worker; the caller removes it */
export async function buildWorkers(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'keymesh-bench-'))
  const files = readdirSync(WORKERS).filter(name => name.endsWith('.ts'))
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      ssr: true,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(files.map(name => [name.slice(0, -3), join(WORKERS, name)])),
        output: { entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name]-[hash].mjs' },
      },
    },
  })
  symlinkSync(MODULES, join(folder, 'node_modules'))
  return folder
}
