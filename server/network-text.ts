// What a server's operator reads of the network that it finds, or does not find. The log says the same without
// addresses (running-server.ts).

import { ERROR_HINTS } from '../shared/node/mesh-error.ts'
import type { NetworkView } from '../shared/node/server/joining.ts'
import type { DialedFrom } from './dialed-from.ts'

/**
 * @param from where other servers dial this one from: those that do not keep nothing of it in mind
 * @returns `undefined` where there is no news worth a line: it is still trying for the first time
 */
export function networkText(view: NetworkView, from: DialedFrom): string | undefined {
  switch (view.state) {
    case 'joined':
      return JOINED_TEXT[from]
    case 'alone':
      return 'No other server is left: serving alone until one comes back.'
    case 'joining': {
      if (view.failure === undefined) return undefined
      const { code, message, hint = ERROR_HINTS[code] } = view.failure
      return `${message} Serving alone, and trying again until a server to join answers. ${hint}`
    }
  }
}

const REMEDY =
  'Name an address that others can dial with --public-url; on one machine or in a private network start all servers with --lab.'

const JOINED_TEXT: Readonly<Record<DialedFrom, string>> = {
  anywhere: 'Joined the network.',
  localNetwork: `Reached the network, but its addresses are private: only servers of this local network dial it. ${REMEDY}`,
  nowhere: `Reached the network, but takes no part in it: its addresses are private, and no other server dials those. ${REMEDY}`,
}
