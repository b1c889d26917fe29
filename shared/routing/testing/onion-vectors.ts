// Reads the onion vectors (docs/PROTOCOL.md 6) from the vectors folder, if it is there.

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fromHex } from '../../bytes/hex.ts'

interface CellVector {
  readonly n: number
  readonly cells: readonly string[]
  readonly payload: string
}

interface RawVector {
  readonly hops: number
  readonly expiry: number
  readonly nodes: readonly { id: string; onion_private: string; onion_public: string }[]
  readonly ephemerals: readonly { x: string; X: string; Y: string }[]
  readonly keys: readonly Record<KeyName, string>[]
  readonly setup_payload: string
  readonly setup_bodies: readonly string[]
  readonly ack_payload: string
  readonly ack_bodies_terminal_to_origin: readonly string[]
  readonly forward: readonly CellVector[]
  readonly backward: readonly CellVector[]
}

type KeyName =
  | 'setup_mac'
  | 'setup_stream'
  | 'ack_mac'
  | 'ack_stream'
  | 'replay_tag'
  | 'fwd'
  | 'fill'
  | 'bwd'

export interface OnionVector {
  readonly raw: RawVector
  readonly nodes: readonly { id: Uint8Array; onionPrivate: Uint8Array; onionPublic: Uint8Array }[]
}

const FOLDER = process.env.KEYMESH_VECTORS ?? '../shared/vectors'
const FILE = resolve(FOLDER, 'keymesh_onion_DRAFT.json')

/** Missing vectors are an error under CI, and a skip (said so) elsewhere. */
export const hasOnionVectors = existsSync(FILE) || process.env.CI === 'true'

export function readOnionVectors(): readonly OnionVector[] {
  const file = JSON.parse(readFileSync(FILE, 'utf8')) as { vectors: readonly RawVector[] }
  return file.vectors.map(raw => ({
    raw,
    nodes: raw.nodes.map(node => ({
      id: fromHex(node.id),
      onionPrivate: fromHex(node.onion_private),
      onionPublic: fromHex(node.onion_public),
    })),
  }))
}
