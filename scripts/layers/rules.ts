// Who may import what: the layers of docs/ARCHITECTURE.md as data. The longest entry that contains a file
// rules it; a file may always import from its own entry. Tests are free. A new folder needs an entry here.

export interface FolderRule {
  /** Folders and files it may import besides itself. */
  imports: readonly string[]
  /** Folders and files it may import with `import type` only. */
  typeImports?: readonly string[]
  /** npm packages; `node:` stands for all of Node's own modules. */
  packages: readonly string[]
  /** Holds the core: computes only, and reaches no clock, randomness, promise or host API. */
  isPure?: true
  /** A tool of ours: may import what else only tests may. */
  isNeverShipped?: true
}

export interface Rules {
  folders: Readonly<Record<string, FolderRule>>
  /** Files over the limit of lines, each with the reason why it is not two files. */
  longFiles: Readonly<Record<string, string>>
}

export const MAX_LINES = 300

/** Numbers only, and of every layer: the one file that any part of the core may import. */
const LIMITS = 'shared/wire/limits.ts'

/** The core from the bottom up: a layer imports only those above it in this table. */
const CORE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'shared/bytes': [],
  'shared/machine': [],
  'shared/crypto': ['@noble/ciphers', '@noble/curves', '@noble/hashes'],
  'shared/identity': ['@noble/hashes', 'bs58'],
  'shared/wire': [],
  'shared/link': [],
  'shared/dht': [],
  'shared/routing': [],
  'shared/routes': [],
  'shared/session': [],
  'shared/node': [],
}

const CODECS = ['shared/bytes', 'shared/identity', 'shared/wire']

export const RULES: Rules = {
  folders: {
    ...coreRules(),
    [LIMITS]: { imports: [], packages: [], isPure: true },
    'host/rtc': { imports: ['shared'], packages: [] },
    'host/browser': { imports: ['host/rtc', 'shared'], packages: ['idb-keyval'] },
    'host/node': { imports: ['host/rtc', 'shared'], packages: ['node-datachannel', 'node:', 'ws'] },
    client: { imports: ['client/nacl.ts', 'shared'], packages: [] },
    'client/nacl.ts': { imports: ['client', 'shared'], packages: ['tweetnacl'] },
    'client/browser.ts': { imports: ['client', 'host/browser', 'shared'], packages: [] },
    'client/tabs/browser-tabs.ts': { imports: ['client', 'host/browser', 'shared'], packages: [] },
    'client/node.ts': { imports: ['client', 'host/node', 'shared'], packages: ['node:'] },
    // Puts a node together, as client/ does, in the other role.
    server: {
      imports: [
        'client/api.ts',
        'client/key-input.ts',
        'client/options.ts',
        'client/record-view.ts',
        'client/requests.ts',
        'host/node',
        'shared/machine',
        'shared/node',
        ...CODECS,
      ],
      typeImports: ['shared'],
      packages: ['express', 'helmet', 'node:', 'pino', 'ws'],
    },
    web: {
      imports: [
        'client/advice.ts',
        'client/browser.ts',
        'client/direct-words.ts',
        'client/private-words.ts',
        ...CODECS,
      ],
      typeImports: ['client', 'shared'],
      packages: ['@preact/signals', 'idb-keyval', 'preact', 'qr'],
    },
    cli: {
      imports: [
        'cli/commands/serve.ts',
        'client/advice.ts',
        'client/node.ts',
        'client/direct-words.ts',
        'client/private-words.ts',
        ...CODECS,
      ],
      typeImports: ['client', 'shared'],
      packages: ['commander', 'node:'],
    },
    // `keymesh serve` is the server program under another name.
    'cli/commands/serve.ts': {
      imports: ['cli', 'server/server-node.ts'],
      typeImports: ['server'],
      packages: ['commander'],
    },
    sim: {
      imports: ['host/node/node-suite.ts', 'shared'],
      packages: ['node:'],
      isNeverShipped: true,
    },
  },
  longFiles: {
    'shared/wire/limits.ts': 'one table: every limit in one place, so that none is forgotten',
  },
}

function coreRules(): Record<string, FolderRule> {
  const layers = Object.keys(CORE_PACKAGES)
  return Object.fromEntries(
    layers.map((layer, index) => {
      const imports = [...layers.slice(0, index), LIMITS]
      return [layer, { imports, packages: CORE_PACKAGES[layer] ?? [], isPure: true }]
    }),
  )
}
