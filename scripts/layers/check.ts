// Holds a tree of source files against the rules. Each violation is one sentence that names the file and the
// rule; rules that no longer apply to anything are violations too, so that the table stays true.

import { findCycles } from './cycles.ts'
import type { FolderRule, Rules } from './rules.ts'
import { MAX_LINES } from './rules.ts'
import type { Import, SourceFile } from './source-file.ts'
import { isTestFile } from './source-file.ts'

/** @returns sentences, sorted; none when the tree keeps every rule */
export function checkTree(files: readonly SourceFile[], rules: Rules): string[] {
  const product = files.filter(file => !file.isTest)
  const found = [
    ...files.flatMap(checkForm),
    ...product.flatMap(file => checkFile(file, rules)),
    ...findCycles(product).map(cycle => `${cycle.join(' → ')}: imports in a circle`),
    ...staleRules(files, rules),
  ]
  return found.sort()
}

function checkForm({ path, isTest, hasDefaultExport }: SourceFile): string[] {
  const found: string[] = []
  if (hasDefaultExport && !path.endsWith('.config.ts')) found.push(`${path}: has a default export`)
  if (!isTest && /(^|\/)index\.tsx?$/.test(path))
    found.push(`${path}: name the file for what it holds`)
  return found
}

function checkFile(file: SourceFile, rules: Rules): string[] {
  const { path, lines } = file
  const found: string[] = []
  if (lines > MAX_LINES && !rules.longFiles[path]) {
    found.push(`${path}: ${lines} lines, more than ${MAX_LINES} without a reason in longFiles`)
  }
  const entry = entryOf(path, rules)
  const rule = entry === undefined ? undefined : rules.folders[entry]
  if (entry === undefined || !rule) return [...found, `${path}: no rule covers it`]
  for (const one of file.imports) {
    const problem = checkImport(one, entry, rule, rules)
    if (problem) found.push(`${path}: imports ${one.target}, ${problem}`)
  }
  if (rule.isPure) found.push(...file.impurities.map(what => `${path}: the core reaches ${what}`))
  return found
}

function checkImport(
  { target, isPackage, isTypeOnly }: Import,
  entry: string,
  rule: FolderRule,
  rules: Rules,
): string | undefined {
  if (isPackage) {
    return rule.packages.some(name => isOfPackage(target, name))
      ? undefined
      : `a package which ${entry} does not list`
  }
  if (isTestFile(target) && !rule.isNeverShipped) return 'which only tests may'
  const allowed = isTypeOnly ? [...rule.imports, ...(rule.typeImports ?? [])] : rule.imports
  const targetEntry = entryOf(target, rules)
  if (targetEntry === entry || allowed.some(place => isWithin(target, place))) return undefined
  return `which ${entry} may not`
}

/** Rules about folders that are empty, packages that nobody imports, and exceptions nobody needs. */
function staleRules(files: readonly SourceFile[], rules: Rules): string[] {
  const found: string[] = []
  for (const [entry, rule] of Object.entries(rules.folders)) {
    const own = files.filter(file => !file.isTest && entryOf(file.path, rules) === entry)
    if (own.length === 0) found.push(`rule ${entry}: covers no file`)
    for (const place of [...rule.imports, ...(rule.typeImports ?? [])]) {
      if (!files.some(file => isWithin(file.path, place))) {
        found.push(`rule ${entry}: allows ${place}, which does not exist`)
      }
    }
    const imports = own.flatMap(file => file.imports).filter(one => one.isPackage)
    for (const name of own.length > 0 ? rule.packages : []) {
      if (!imports.some(one => isOfPackage(one.target, name))) {
        found.push(`rule ${entry}: allows the package ${name}, which nothing there imports`)
      }
    }
  }
  for (const path of Object.keys(rules.longFiles)) {
    const file = files.find(one => one.path === path)
    if (!file || file.lines <= MAX_LINES) found.push(`rule longFiles: ${path} does not need it`)
  }
  return found
}

/** The longest entry of the table that the path is or lies in. */
function entryOf(path: string, rules: Rules): string | undefined {
  return Object.keys(rules.folders)
    .filter(entry => isWithin(path, entry))
    .sort((a, b) => b.length - a.length)[0]
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}

function isOfPackage(target: string, name: string): boolean {
  return target === name || (name.endsWith(':') && target.startsWith(name))
}
