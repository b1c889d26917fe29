// What a file of the core reaches that is not a computation. Every name it uses without declaring it must be
// one of the language's own pure ones, so a clock, randomness or a host API fails whatever it is called.
// Names are not resolved by scope: one declared anywhere in the file counts as declared.

import type { SyntaxNode } from './syntax-tree.ts'
import { isNode, nodesIn, visit } from './syntax-tree.ts'

const PURE_GLOBALS = new Set(
  `AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error
  Float64Array Infinity Int8Array Int16Array Int32Array JSON Map Math NaN Number Object
  RangeError RegExp Set String Symbol SyntaxError TypeError Uint8Array Uint16Array Uint32Array
  isFinite isNaN parseInt undefined`.split(/\s+/),
)

/** Nodes of the type level that hold an expression; every other `TS…` node is a type, and vanishes. */
const TYPED_EXPRESSIONS = new Set([
  'TSAsExpression',
  'TSInstantiationExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
])

/** Fields that hold a name but not a use of it, unless computed. */
const NAME_FIELDS: Readonly<Record<string, string>> = {
  AccessorProperty: 'key',
  BreakStatement: 'label',
  ContinueStatement: 'label',
  LabeledStatement: 'label',
  MemberExpression: 'property',
  MethodDefinition: 'key',
  Property: 'key',
  PropertyDefinition: 'key',
}

/** Fields that bind names, which may be patterns. */
const BINDING_FIELDS: Readonly<Record<string, readonly string[]>> = {
  ArrowFunctionExpression: ['params'],
  CatchClause: ['param'],
  ClassDeclaration: ['id'],
  ClassExpression: ['id'],
  FunctionDeclaration: ['id', 'params'],
  FunctionExpression: ['id', 'params'],
  ImportDefaultSpecifier: ['local'],
  ImportNamespaceSpecifier: ['local'],
  ImportSpecifier: ['local'],
  VariableDeclarator: ['id'],
}

/** @returns one phrase for each offence, without repeats */
export function impurities(program: SyntaxNode): string[] {
  const declared = new Set<string>()
  const used = new Set<string>()
  const offences = new Set<string>()
  visit(
    program,
    node => {
      const phrase = offence(node)
      if (phrase) offences.add(phrase)
      for (const name of boundNames(node)) declared.add(name)
      if (node.type === 'Identifier') used.add(String(node.name))
    },
    isNoUse,
  )
  const free = [...used].filter(name => !declared.has(name) && !PURE_GLOBALS.has(name))
  return [...offences, ...free.map(name => `the global \`${name}\``)]
}

function offence(node: SyntaxNode): string | undefined {
  if (node.type === 'AwaitExpression' || node.async === true) return 'a promise (`async`)'
  if (node.declare === true && !node.type.startsWith('TS')) return 'something only declared'
  if (node.type === 'ImportExpression') return 'an import at run time'
  if (node.type === 'MetaProperty' && isNamed(node.meta, 'import')) return '`import.meta`'
  if (node.type === 'MemberExpression' && isNamed(node.object, 'Math')) {
    const isKnown = node.computed === false && !isNamed(node.property, 'random')
    return isKnown ? undefined : 'randomness (`Math.random`)'
  }
  if (node.type === 'VariableDeclarator' && isNamed(node.init, 'Math')) {
    return 'randomness (`Math` taken apart)'
  }
  return undefined
}

function boundNames(node: SyntaxNode): string[] {
  const names: string[] = []
  const fields = BINDING_FIELDS[node.type] ?? []
  for (const pattern of fields.flatMap(field => nodesIn(node[field]))) {
    visit(
      pattern,
      part => {
        if (part.type === 'Identifier') names.push(String(part.name))
      },
      (part, field, child) =>
        isNoUse(part, field, child) || (part.type === 'AssignmentPattern' && field === 'right'),
    )
  }
  return names
}

function isNoUse(node: SyntaxNode, field: string, child: SyntaxNode): boolean {
  if (child.type.startsWith('TS') && !TYPED_EXPRESSIONS.has(child.type)) return true
  if (child.exportKind === 'type' || node.exportKind === 'type') return true
  if (TYPED_EXPRESSIONS.has(node.type)) return field !== 'expression'
  if (NAME_FIELDS[node.type] === field) return node.computed !== true
  switch (node.type) {
    case 'ImportSpecifier':
      return field === 'imported'
    case 'ExportSpecifier':
      return field === 'exported'
    case 'ExportNamedDeclaration':
      return field === 'specifiers' && isNode(node.source)
    case 'ExportAllDeclaration':
    case 'MetaProperty':
      return true
    default:
      return field === 'implements'
  }
}

function isNamed(value: unknown, name: string): boolean {
  return isNode(value) && value.type === 'Identifier' && value.name === name
}
