// A page that runs the link transport suite over the browser's own WebSocket link, one case at a time, for
// e2e/link-conformance.spec.ts. The far end is a `ws` socket of the test's process.

import { WsLink } from '../../host/browser/ws-link.ts'
import { EventBox } from '../../host/rtc/testing/event-box.ts'
import { nobleSuite } from '../../shared/crypto/noble-suite.ts'
import { wsBinding } from '../../shared/link/binding.ts'
import { linkTransportCases } from '../../shared/link/link-conformance.suite.ts'
import type { TransportEnd, TransportPair } from '../../shared/link/testing/transport-pair.ts'
import { LINK_SOFT_BUFFER_BYTES, WS_MAX_MESSAGE_BYTES } from '../../shared/wire/limits.ts'
import { openControl, steeredEnd } from './steered-end.ts'

export interface RemotePorts {
  readonly linkPort: number
  readonly controlPort: number
}

declare global {
  /** What the test calls in the page. Rejects with a sentence when the transport fails the case. */
  var runLinkCase: (name: string, ports: RemotePorts) => Promise<void>
}

globalThis.runLinkCase = async (name, ports) => {
  const testCase = linkTransportCases.find(candidate => candidate.name === name)
  if (testCase === undefined) throw new Error(`there is no case "${name}"`)
  const pair = await connect(ports)
  try {
    await testCase.run(pair)
  } finally {
    await pair.dispose()
  }
}
document.title = 'ready'

async function connect({ linkPort, controlPort }: RemotePorts): Promise<TransportPair> {
  const control = await openControl(`ws://127.0.0.1:${controlPort}/`)
  const responder = steeredEnd(control)
  const initiator = await dial(linkPort)
  const binding = wsBinding(nobleSuite, `ws://127.0.0.1:${linkPort}`)
  return {
    initiator,
    responder,
    maxMessageBytes: WS_MAX_MESSAGE_BYTES,
    fullWithinBytes: 2 * LINK_SOFT_BUFFER_BYTES,
    carriesReason: true,
    initiatorBinding: binding,
    responderBindings: [binding],
    async dispose() {
      initiator.close('normal')
      control.close()
    },
  }
}

function dial(port: number): Promise<TransportEnd> {
  return new Promise((resolve, reject) => {
    const events = new EventBox()
    const url = { scheme: 'ws', host: '127.0.0.1', port } as const
    const link = new WsLink(url, {
      opened: () => resolve(end),
      message: bytes => events.tell({ kind: 'message', bytes }),
      writable: () => events.tell({ kind: 'writable' }),
      lost: reason => {
        events.tell({ kind: 'lost', reason })
        reject(new Error(`the link did not open: ${reason}`))
      },
    })
    const end: TransportEnd = {
      send: bytes => link.send(bytes),
      close: reason => link.close(reason),
      // A page cannot take the power from a socket of its own.
      cut: () => link.close('normal'),
      listen: listener => events.listen(listener),
    }
  })
}
