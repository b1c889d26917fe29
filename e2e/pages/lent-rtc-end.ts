// A WebRTC link that answers, lent to whoever speaks to us over a control socket: in a page or in Node.

import type { RtcPlatform } from '../../host/rtc/rtc-platform.ts'
import { openRtcEnd } from '../../host/rtc/testing/rtc-end.ts'
import type { RemoteCommand, RemoteEvent } from './remote-protocol.ts'
import { decodeRemote, encodeRemote } from './remote-protocol.ts'

/** What browsers and `ws` have in common. */
export interface ControlSocket {
  binaryType: string
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  send(bytes: Uint8Array<ArrayBuffer>): void
}

/** Resolves when the other side may begin. */
export function lendRtcEnd(control: ControlSocket, platform: RtcPlatform): Promise<void> {
  const tell = (event: RemoteEvent) => control.send(encodeRemote(event))
  const end = openRtcEnd(platform, false, signal => tell({ kind: 'signal', signal }))
  end.opened.then(
    () => tell({ kind: 'opened' }),
    () => {},
  )
  /** Of commands whose bytes wait for room. */
  let untold = 0
  end.listen(event => {
    if (event.kind !== 'writable') {
      tell(event)
      return
    }
    tell({ kind: 'taken', count: untold })
    untold = 0
  })
  const send = (bytes: Uint8Array) => {
    untold += bytes.length
    if (end.send(bytes) === 'full') return
    tell({ kind: 'taken', count: untold })
    untold = 0
  }
  const obey = (command: RemoteCommand) => {
    switch (command.kind) {
      case 'send':
        send(command.bytes)
        return
      case 'signal':
        end.signal(command.signal)
        return
      case 'close':
        end.close(command.reason)
        return
      case 'cut':
        end.cut()
    }
  }
  control.binaryType = 'arraybuffer'
  control.onmessage = ({ data }) => obey(decodeRemote(new Uint8Array(data as ArrayBuffer)))
  control.onclose = () => end.cut()
  return new Promise(resolve => {
    control.onopen = () => {
      tell({ kind: 'ready' })
      resolve()
    }
  })
}
