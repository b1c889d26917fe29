// Three builds from one source, chosen by `--mode`: the web client (default), the library for browsers
// (whole, in one file plus lazily loaded chunks) and the library and command line for Node (dependencies
// stay imports). scripts/build.mjs runs all of them; the set-up runs the first.

import { fileURLToPath } from 'node:url'
import type { UserConfig } from 'vite'
import { defineConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
// All that the library's entry loads at once, in one chunk: split by which lazily loaded chunk uses which part too, it
// would be a dozen files, a fifteenth larger together.
const wholeStart = {
  groups: [{ name: 'start', test: (id: string) => id === at('client/browser.ts') }],
}
const inlineConstants = { inlineConst: { mode: 'all', pass: 3 } } as const
const jsx = { oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } } } as const

const webClient: UserConfig = {
  root: at('web'),
  ...jsx,
  build: {
    outDir: at('dist/web'),
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rolldownOptions: { optimization: inlineConstants, output: { codeSplitting: wholeStart } },
  },
}

const library = {
  outDir: at('dist/lib'),
  emptyOutDir: false,
  sourcemap: true,
  copyPublicDir: false,
  modulePreload: false,
} as const

const browserLibrary: UserConfig = {
  build: {
    ...library,
    // As a library: else Vite adds its preloading of style sheets, which there are none of.
    lib: { entry: { browser: at('client/browser.ts') }, formats: ['es'] },
    rolldownOptions: {
      preserveEntrySignatures: 'strict',
      optimization: inlineConstants,
      output: {
        minify: true,
        comments: false,
        codeSplitting: wholeStart,
        entryFileNames: '[name].js',
        chunkFileNames: 'browser/[name]-[hash].js',
      },
    },
  },
}

const nodeLibrary: UserConfig = {
  build: {
    ...library,
    ssr: true,
    target: 'node20',
    rolldownOptions: {
      input: { node: at('client/node.ts'), keymesh: at('cli/main.ts') },
      output: { entryFileNames: '[name].js', chunkFileNames: 'node/[name]-[hash].js' },
    },
  },
}

const MODES: Record<string, UserConfig> = {
  'library-browser': browserLibrary,
  'library-node': nodeLibrary,
}

export default defineConfig(({ mode }) => MODES[mode] ?? webClient)
