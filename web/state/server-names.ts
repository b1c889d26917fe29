// How servers are called that we are or were attached to: by their address, also after they are gone. Pure.

import type { ServerStatus } from '../../client/api.ts'
import { SERVER_NAMES_MAX } from './limits.ts'
import { hostOf } from './status-line.ts'

export type ServerNames = ReadonlyMap<string, string>

/** Adds what is new; the name learned first makes way. */
export function withServers(names: ServerNames, servers: readonly ServerStatus[]): ServerNames {
  const news = servers.flatMap(({ key, url }) => {
    const name = hostOf(url)
    return key === undefined || names.get(key) === name ? [] : [[key, name] as const]
  })
  if (news.length === 0) return names
  return new Map([...names, ...news].slice(-SERVER_NAMES_MAX))
}
