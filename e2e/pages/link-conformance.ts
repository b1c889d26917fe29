// A page that runs the link transport suite over the browser's own WebSocket link, one case at a time, for
// e2e/link-conformance.spec.ts. The far end is a `ws` socket of the test's process.

import { WsLink } from '../../host/browser/ws-link.ts'
import { nobleSuite } from '../../shared/crypto/noble-suite.ts'
import { wsBinding } from '../../shared/link/binding.ts'
import { linkTransportCases } from '../../shared/link/link-conformance.suite.ts'
import type {
  TransportEnd,
  TransportEvent,
  TransportPair,
} from '../../shared/link/testing/transport-pair.ts'
import { LINK_SOFT_BUFFER_BYTES, WS_MAX_MESSAGE_BYTES } from '../../shared/wire/limits.ts'
import type { RemoteEvent } from './remote-protocol.ts'
import { decodeRemote, encodeRemote } from './remote-protocol.ts'

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
  const control = await openControl(controlPort)
  const responder = remoteEnd(control)
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

/** @returns the control socket once the far end waits for a link */
function openControl(port: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const control = new WebSocket(`ws://127.0.0.1:${port}/`)
    control.binaryType = 'arraybuffer'
    control.onmessage = () => resolve(control)
    control.onerror = () => reject(new Error('the control socket did not open'))
  })
}

/** The far end, steered from here; full while too much is on its way to the process that holds it. */
function remoteEnd(control: WebSocket): TransportEnd {
  const events = new EventBox()
  let bytesOnTheirWay = 0
  let isFull = false
  let isOver = false
  control.onmessage = ({ data }) => {
    const event = decodeRemote<RemoteEvent>(new Uint8Array(data as ArrayBuffer))
    if (isOver || event.kind === 'ready') return
    if (event.kind !== 'taken') {
      isOver = event.kind === 'lost'
      events.tell(event)
      return
    }
    bytesOnTheirWay -= event.count
    if (!isFull || bytesOnTheirWay > 0) return
    isFull = false
    events.tell({ kind: 'writable' })
  }
  const end = (command: Parameters<typeof encodeRemote>[0]) => {
    if (!isOver) control.send(encodeRemote(command))
    isOver = true
  }
  return {
    send(bytes) {
      if (isOver) return 'ok'
      control.send(encodeRemote({ kind: 'send', bytes }))
      bytesOnTheirWay += bytes.length
      isFull ||= bytesOnTheirWay > LINK_SOFT_BUFFER_BYTES
      return isFull ? 'full' : 'ok'
    },
    close: reason => end({ kind: 'close', reason }),
    cut: () => end({ kind: 'cut' }),
    listen: listener => events.listen(listener),
  }
}

/** Keeps events until somebody listens. */
class EventBox {
  readonly #early: TransportEvent[] = []
  #listener: ((event: TransportEvent) => void) | undefined

  tell(event: TransportEvent): void {
    if (this.#listener === undefined) this.#early.push(event)
    else this.#listener(event)
  }

  listen(listener: (event: TransportEvent) => void): void {
    this.#listener = listener
    for (const event of this.#early.splice(0)) listener(event)
  }
}
