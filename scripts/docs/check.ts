// Holds Markdown files against the project: every relative link leads to a file (and heading) that exists,
// every npm script mentioned is in package.json. Links to other sites are not followed.

import { dirname, join } from 'node:path/posix'
import { headingAnchors, linkTargets, npmScripts } from './markdown.ts'

export interface Project {
  /** Whether there is a file or folder at this path from the root. */
  exists(path: string): boolean
  /** Text of a file that exists. */
  read(path: string): string
  scripts: readonly string[]
}

/** @param path of the Markdown file, from the root @returns one sentence for each broken promise */
export function checkMarkdown(path: string, project: Project): string[] {
  const markdown = project.read(path)
  const links = linkTargets(markdown).filter(target => !/^[a-z]+:/i.test(target))
  const broken = links.flatMap(target => {
    const problem = linkProblem(target, path, project)
    return problem ? [`${path}: the link ${target} leads to ${problem}`] : []
  })
  const unknown = npmScripts(markdown).filter(name => !project.scripts.includes(name))
  return [...broken, ...unknown.map(name => `${path}: there is no npm script "${name}"`)]
}

function linkProblem(target: string, from: string, project: Project): string | undefined {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? from : join(dirname(from), decodeURI(file))
  if (path.startsWith('..')) return 'a place outside the project'
  if (!project.exists(path)) return 'nothing'
  if (anchor === undefined || !path.endsWith('.md')) return undefined
  return headingAnchors(project.read(path)).includes(anchor) ? undefined : 'a missing heading'
}
