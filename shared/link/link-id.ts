// The node-local name of one link. Means nothing to any other node and is never reused in one run.

export type LinkId = number & { readonly brand: 'LinkId' }
