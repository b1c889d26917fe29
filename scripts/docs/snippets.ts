// Code in the documents that people copy: each block after `<!-- snippet: NAME -->` is, word for word, the
// file snippets/NAME.ts, which the compiler checks. Only the name of the library differs: here it is a path.

const BLOCK = /<!-- snippet: ([\w-]+) -->\n```ts\n([\s\S]*?)```/g
const LIBRARY = /'(?:\.\.\/)+client\/(?:node|browser)\.ts'/g

/** Names and code of the snippets in a document. */
export function snippetsIn(markdown: string): { readonly name: string; readonly code: string }[] {
  return [...markdown.matchAll(BLOCK)].map(([, name = '', code = '']) => ({ name, code }))
}

/** A snippet's source as readers see it. */
export function asShown(source: string): string {
  return source.replace(LIBRARY, "'keymesh'")
}

/** The document with its snippets put right. @param sourceOf text of the file of a snippet */
export function withSnippets(markdown: string, sourceOf: (name: string) => string): string {
  return markdown.replace(BLOCK, (_, name: string) => {
    return `<!-- snippet: ${name} -->\n\`\`\`ts\n${asShown(sourceOf(name))}\`\`\``
  })
}
