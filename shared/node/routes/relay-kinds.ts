// What a record tells of whom a relay may belong to (docs/PROTOCOL.md 5, threat 20): the networks and names of its
// addresses, and the operator it says it has. Two relays with a common kind never stand in one private path. Text
// only: what a name resolves to is not known here.

import type { Kind } from '../../routes/relay-apartness.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { canonicalHost } from '../address/host-name.ts'
import { hostRange } from '../address/host-range.ts'

const HOST = /^wss?:\/\/(\[[^\]]*\]|[^/:?#@]+)(?::\d+)?(?:[/?#]|$)/i
const IPV4 = /^\d+(?:\.\d+){3}$/
const OPERATOR_META = 'operator'

/**
 * Of every address: `v4:` and its /16, `v6:` and its /32, `name:` and the last two labels; `operator:` and that entry
 * of the metadata. Loopback and private addresses are no kind, nor are those that cannot be read.
 */
export function kindsOf({ endpoints, meta }: Pick<NodeRecord, 'endpoints' | 'meta'>): Kind[] {
  const kinds = new Set<Kind>()
  for (const { url } of endpoints) {
    const host = canonicalHost(HOST.exec(url)?.[1] ?? '')
    if (host !== undefined && hostRange(host) === 'public') kinds.add(kindOfHost(host))
  }
  const operator = meta.get(OPERATOR_META)?.trim().toLowerCase()
  if (operator) kinds.add(`operator:${operator}`)
  return [...kinds]
}

function kindOfHost(host: string): Kind {
  if (IPV4.test(host)) return `v4:${host.split('.', 2).join('.')}`
  if (!host.startsWith('[')) return `name:${host.split('.').slice(-2).join('.')}`
  const [first = '', second = ''] = host.slice(1, -1).split(':')
  // The second group is empty where a run of zeros begins with it.
  return `v6:${first}:${second === '' ? '0' : second}`
}
