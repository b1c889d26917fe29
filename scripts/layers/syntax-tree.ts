// A walk over a syntax tree in the ESTree shape, typed just enough for rules that look at a few kinds of node.

export interface SyntaxNode {
  type: string
  [field: string]: unknown
}

export function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  )
}

/** Calls `enter` for the node and for all below it, except the children that `isSkipped` tells of. */
export function visit(
  node: SyntaxNode,
  enter: (node: SyntaxNode) => void,
  isSkipped: (node: SyntaxNode, field: string, child: SyntaxNode) => boolean = () => false,
): void {
  enter(node)
  for (const [field, value] of Object.entries(node)) {
    for (const child of nodesIn(value)) {
      if (!isSkipped(node, field, child)) visit(child, enter, isSkipped)
    }
  }
}

/** The node or nodes of one field. */
export function nodesIn(value: unknown): SyntaxNode[] {
  return (Array.isArray(value) ? value : [value]).filter(isNode)
}
