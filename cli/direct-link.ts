// Over what kind of link a direct path goes, which the path itself does not always tell.

import type { LinkKind, MeshNode, Path } from '../client/node.ts'

/** @returns `undefined` for a path that is not direct, and where the node does not know for sure */
export async function directLinkOf(
  node: Pick<MeshNode, 'stats'>,
  key: string,
  path: Pick<Path, 'hops' | 'candidates'> | undefined,
): Promise<LinkKind | undefined> {
  if (path === undefined || path.hops.length > 0) return undefined
  if (path.candidates !== undefined) return 'rtc'
  // A node that is closing has nothing to tell any more.
  const { links } = await node.stats().catch(() => ({ links: [] }))
  const [kind, ...others] = new Set(links.filter(link => link.key === key).map(link => link.kind))
  return others.length === 0 ? kind : undefined
}
