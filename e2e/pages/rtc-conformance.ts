// A page that runs the link transport suite over a WebRTC link of its own, one case at a time, or lends its end
// to another that does; for e2e/rtc-conformance.spec.ts, which joins the two by control sockets.

import { browserRtc } from '../../host/browser/rtc-platform.ts'
import { openRtcEnd, rtcPairTraits } from '../../host/rtc/testing/rtc-end.ts'
import { linkTransportCases } from '../../shared/link/link-conformance.suite.ts'
import type { TransportPair } from '../../shared/link/testing/transport-pair.ts'
import type { ControlSocket } from './lent-rtc-end.ts'
import { lendRtcEnd } from './lent-rtc-end.ts'
import { encodeRemote } from './remote-protocol.ts'
import { openControl, steeredEnd } from './steered-end.ts'

declare global {
  /** Rejects with a sentence when the transport fails the case. */
  var runRtcCase: (name: string, controlUrl: string) => Promise<void>
  var lendRtc: (controlUrl: string) => Promise<void>
}

globalThis.runRtcCase = async (name, controlUrl) => {
  const testCase = linkTransportCases.find(candidate => candidate.name === name)
  if (testCase === undefined) throw new Error(`there is no case "${name}"`)
  const pair = await connect(controlUrl)
  try {
    await testCase.run(pair)
  } finally {
    await pair.dispose()
  }
}
globalThis.lendRtc = url => lendRtcEnd(new WebSocket(url) as ControlSocket, browserRtc)
document.title = 'ready'

async function connect(controlUrl: string): Promise<TransportPair> {
  const control = await openControl(controlUrl)
  const initiator = openRtcEnd(browserRtc, true, signal =>
    control.send(encodeRemote({ kind: 'signal', signal })),
  )
  let farOpened = (): void => {}
  const isFarOpen = new Promise<void>(resolve => {
    farOpened = resolve
  })
  const responder = steeredEnd(control, {
    signal: signal => initiator.signal(signal),
    opened: farOpened,
  })
  const fingerprints = await initiator.opened
  await isFarOpen
  return {
    initiator,
    responder,
    ...rtcPairTraits(fingerprints),
    async dispose() {
      initiator.cut()
      control.close()
    },
  }
}
