// What the layer rules need to know of one source file, read from its syntax tree: what it imports, whether
// it has a default export, and, for the core, everything it reaches that is not a computation.

import { dirname, join } from 'node:path/posix'
import { parseSync } from 'vite'
import { impurities } from './impurities.ts'
import type { SyntaxNode } from './syntax-tree.ts'
import { isNode, visit } from './syntax-tree.ts'

export interface Import {
  /** Path from the root of the project, or the name of a package (`node:fs`, `@noble/curves`). */
  target: string
  isPackage: boolean
  /** Gone at run time: `import type`, `export type … from`, `import('…')` as a type. */
  isTypeOnly: boolean
}

export interface SourceFile {
  path: string
  lines: number
  /** Runs only under a test runner; product files may not import it. */
  isTest: boolean
  imports: Import[]
  hasDefaultExport: boolean
  impurities: string[]
}

const TEST_FILE = /\.(test|suite|spec|long)\.tsx?$|\/(testing|fixtures)\//

export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path)
}

/** @throws SyntaxError when the file does not parse */
export function readSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text)
  const [error] = errors
  if (error) throw new SyntaxError(`${path}: ${error.message}`)
  const root: unknown = program
  if (!isNode(root)) throw new SyntaxError(`${path}: no syntax tree`)

  const imports: Import[] = []
  let hasDefaultExport = false
  visit(root, node => {
    const found = importOf(node, path)
    if (found) imports.push(found)
    if (isDefaultExport(node)) hasDefaultExport = true
  })
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    isTest: isTestFile(path),
    imports,
    hasDefaultExport,
    impurities: impurities(root),
  }
}

function importOf(node: SyntaxNode, path: string): Import | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ImportExpression':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'TSImportType':
      break
    default:
      return undefined
  }
  const { source } = node
  if (!isNode(source) || typeof source.value !== 'string') return undefined
  const isTypeOnly =
    node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType'
  return { ...targetOf(source.value, path), isTypeOnly }
}

function targetOf(specifier: string, path: string): { target: string; isPackage: boolean } {
  if (specifier.startsWith('.')) {
    const file = specifier.replace(/\?.*$/, '')
    return { target: join(dirname(path), file), isPackage: false }
  }
  const parts = specifier.split('/')
  return { target: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/'), isPackage: true }
}

function isDefaultExport(node: SyntaxNode): boolean {
  if (node.type === 'ExportDefaultDeclaration') return true
  const { exported } = node
  return node.type === 'ExportSpecifier' && isNode(exported) && exported.name === 'default'
}
