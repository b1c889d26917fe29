// A server's STUN responder (docs/PROTOCOL.md 3.7): on which addresses it answers, and what is said when it cannot.
// The answers are host/node/stun-responder.ts.

import type { AddressInfo } from 'node:net'
import type { ServerConfig } from './config.ts'
import { interfaceAddresses } from './endpoints.ts'
import type { Log } from './log.ts'
import type { ServerHost } from './server-host.ts'

/**
 * Opens it as configured, if at all. Without it everything works, but fewer clients find a direct way to each other: so
 * a port that cannot be had is a warning.
 * @param listening where HTTP does
 */
export async function openStun(
  host: ServerHost,
  config: ServerConfig,
  listening: AddressInfo,
  log: Log,
): Promise<void> {
  const { stunPort, perAddressLimits: limitsNetworks } = config
  if (stunPort === 'none') return
  const addresses = () => stunAddresses(config, listening.address, interfaceAddresses())
  try {
    const asked = stunPort === 'http' ? listening.port : stunPort
    await host.openStun({ port: asked, addresses, limitsNetworks })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    log.warn({ code }, 'answers no STUN: another program has its UDP port, or it may not be had')
  }
}

/**
 * The address that HTTP listens on, or each of this machine's. A proxy passes no UDP: behind one that address is not
 * the one to ask at.
 * @param listening as the system writes it
 * @param addresses of the interfaces that lead out of this machine
 */
export function stunAddresses(
  { trustProxy }: Pick<ServerConfig, 'trustProxy'>,
  listening: string,
  addresses: readonly string[],
): readonly string[] {
  const isEvery = trustProxy || listening === '::'
  if (!isEvery && listening !== '0.0.0.0') return [listening]
  const all = ['127.0.0.1', '::1', ...addresses]
  return all.filter(address => isEvery || !address.includes(':'))
}
