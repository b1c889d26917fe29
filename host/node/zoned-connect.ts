// Connecting to a link-local IPv6 address, which means something only together with the interface that it is
// behind (RFC 4007): URLs and HTTP have no place for that (RFC 9844), so it is put in on the way to the system.

import type { Socket } from 'node:net'
import { connect as connectPlain } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { connect as connectTls } from 'node:tls'

/** What `ws` gives: the options of the request, with the address as host. */
interface RequestOptions extends ConnectionOptions {
  readonly host: string
  readonly port: number
}

/** @returns for the option `createConnection` of `ws` */
export function connectThrough(zone: string, isSecure: boolean): () => Socket {
  const connect = (options: RequestOptions): Socket => {
    // The path is that of the request; here it would mean a local socket.
    const { path: _path, ...rest } = options
    const zoned = { ...rest, host: `${options.host}%${zone}` }
    return isSecure ? connectTls({ ...zoned, servername: '' }) : connectPlain(zoned)
  }
  // `ws` calls it with options, which its types keep to themselves.
  return connect as () => Socket
}
