// What a server's operator reads of the network that it finds, or does not find. The log says the same without
// addresses (running-server.ts).

import { ERROR_HINTS } from '../shared/node/mesh-error.ts'
import type { NetworkView } from '../shared/node/server/joining.ts'

/** @returns `undefined` where there is no news worth a line: it is still trying for the first time */
export function networkText(view: NetworkView): string | undefined {
  switch (view.state) {
    case 'joined':
      return 'Joined the network.'
    case 'alone':
      return 'No other server is left: serving alone until one comes back.'
    case 'joining': {
      if (view.failure === undefined) return undefined
      const { code, message, hint = ERROR_HINTS[code] } = view.failure
      return `${message} Serving alone, and trying again until a server to join answers. ${hint}`
    }
  }
}
