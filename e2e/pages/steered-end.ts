// The far end of a transport, in another process or page, as the conformance suite in this page steers it over
// a control socket. The messages are those of remote-protocol.ts.

import { EventBox } from '../../host/rtc/testing/event-box.ts'
import type { TransportEnd } from '../../shared/link/testing/transport-pair.ts'
import type { RtcSignal } from '../../shared/node/rtc-host.ts'
import { LINK_SOFT_BUFFER_BYTES } from '../../shared/wire/limits.ts'
import type { RemoteEvent } from './remote-protocol.ts'
import { decodeRemote, encodeRemote } from './remote-protocol.ts'

/** What a far end says before it is one, where that takes signals. */
export interface Introduction {
  signal(signal: RtcSignal): void
  opened(): void
}

/** @returns the control socket once the far end waits for a link */
export function openControl(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const control = new WebSocket(url)
    control.binaryType = 'arraybuffer'
    control.onmessage = () => resolve(control)
    control.onerror = () => reject(new Error('the control socket did not open'))
  })
}

/** Full while too much is on its way to whoever holds the far end. */
export function steeredEnd(control: WebSocket, introduction?: Introduction): TransportEnd {
  const events = new EventBox()
  let bytesOnTheirWay = 0
  let isFull = false
  let isOver = false
  const taken = (count: number) => {
    bytesOnTheirWay -= count
    if (!isFull || bytesOnTheirWay > 0) return
    isFull = false
    events.tell({ kind: 'writable' })
  }
  control.onmessage = ({ data }) => {
    const event = decodeRemote<RemoteEvent>(new Uint8Array(data as ArrayBuffer))
    if (isOver) return
    switch (event.kind) {
      case 'ready':
        return
      case 'signal':
        introduction?.signal(event.signal)
        return
      case 'opened':
        introduction?.opened()
        return
      case 'taken':
        taken(event.count)
        return
      default:
        isOver = event.kind === 'lost'
        events.tell(event)
    }
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
