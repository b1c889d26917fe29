// What makes a client that relays one that links to others of its kind, in one piece: whoever starts such a node hands
// it to the core with its relaying (NodeConfig), so that others need not load it.

import type { Time } from '../../machine/machine.ts'
import type { NodeParts } from '../node-parts.ts'
import type { MeshConfig, MeshEffect } from './mesh-side.ts'
import { MeshSide } from './mesh-side.ts'

export interface MeshRole {
  start(config: MeshConfig, time: Time): MeshSide
  apply(parts: NodeParts, time: Time, effect: MeshEffect): void
}

export const meshRole: MeshRole = {
  start: (config, time) => new MeshSide(config, time),
  apply: applyMeshEffect,
}

function applyMeshEffect({ links, neighbours }: NodeParts, time: Time, effect: MeshEffect): void {
  switch (effect.kind) {
    case 'sendFrame':
      links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
      return
    case 'close':
      links.feed(time, effect.link, { kind: 'close', reason: effect.reason })
      return
    case 'learned':
      neighbours?.learn(effect.signed)
  }
}
