// What the documentation promises that can be checked: its links, the files it names and the npm scripts it
// tells people to run.
// Reads the subset of Markdown this project writes: inline links, ATX headings, fenced code.

const LINK = /!?\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g
const NPM_RUN = /\bnpm (?:run|run-script) (?:-\S+ )*([\w:-]+)/g
const NPM_SHORT = /\bnpm (?:-\S+ )*(test|start)\b/g

/** Targets of the links outside code, as written. */
export function linkTargets(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(LINK)].map(([, target = '']) => target)
}

/** Anchors that GitHub gives to the headings. */
export function headingAnchors(markdown: string): string[] {
  const seen = new Map<string, number>()
  const headings = withoutFences(markdown).matchAll(/^#{1,6} +(.+?) *#*$/gm)
  return [...headings].map(([, heading = '']) => {
    const anchor = slug(heading)
    const count = seen.get(anchor) ?? 0
    seen.set(anchor, count + 1)
    return count === 0 ? anchor : `${anchor}-${count}`
  })
}

/** Files and folders of ours that code spans name: their first part is one of `folders`. */
export function pathsIn(markdown: string, folders: readonly string[]): string[] {
  const spans = withoutFences(markdown).matchAll(/`([\w.-]+(?:\/[\w.-]+)+)\/?`/g)
  return [...spans]
    .map(([, path = '']) => path)
    .filter(path => folders.includes(path.split('/')[0] ?? ''))
}

/** Names of npm scripts, in text and in code. */
export function npmScripts(markdown: string): string[] {
  return [NPM_RUN, NPM_SHORT].flatMap(pattern =>
    [...markdown.matchAll(pattern)].map(([, name = '']) => name),
  )
}

function slug(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
  return text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^\1\2[^\n]*$/gm, '')
}

function withoutCode(markdown: string): string {
  return withoutFences(markdown).replace(/`[^`\n]*`/g, '')
}
