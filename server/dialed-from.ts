// From where other servers can be expected to dial this one: whom nobody dials nobody keeps in mind (docs/PROTOCOL.md
// 4). Judged by the addresses in its record; what a router or firewall in between does nobody here knows.

import { hostRange } from '../shared/node/address/host-range.ts'
import { parseServerUrl } from '../shared/node/address/server-url.ts'
import type { ServerConfig } from './config.ts'
import type { Endpoint } from './endpoints.ts'

export type DialedFrom = 'anywhere' | 'localNetwork' | 'nowhere'

export function dialedFrom(
  { lab, lan, isExposed }: Pick<ServerConfig, 'lab' | 'lan' | 'isExposed'>,
  endpoints: readonly Pick<Endpoint, 'url'>[],
): DialedFrom {
  const isPublic = endpoints.some(({ url }) => hostRange(parseServerUrl(url).host) === 'public')
  // In a lab records lead to private addresses, too.
  if (lab || isPublic) return 'anywhere'
  return lan && isExposed ? 'localNetwork' : 'nowhere'
}
