// Puts into the documents what is made from the code: the limits into docs/PROTOCOL.md, the snippets into
// README.md. Run after a change of either: node --import tsx scripts/docs/write.ts

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as limits from '../../shared/wire/limits.ts'
import { renderLimits, withLimits } from './limits-table.ts'
import { project, ROOT } from './project.ts'
import { withSnippets } from './snippets.ts'

function rewrite(path: string, change: (markdown: string) => string): void {
  writeFileSync(join(ROOT, path), change(readFileSync(join(ROOT, path), 'utf8')))
}

rewrite('docs/PROTOCOL.md', markdown =>
  withLimits(markdown, renderLimits(project.read('shared/wire/limits.ts'), { ...limits })),
)
rewrite('README.md', markdown =>
  withSnippets(markdown, name => project.read(`scripts/docs/snippets/${name}.ts`)),
)
