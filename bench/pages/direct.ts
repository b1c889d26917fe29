// One of two pages that connect directly, with a session or with a bare data channel; steered through `window.bench`.

import { createNode } from '../../client/browser.ts'
import { BareWay } from '../bare-way.ts'
import { directMethods } from '../direct-end.ts'

const bench = directMethods({
  createNode,
  openBare: (isOfferer, events) => new BareWay(new RTCPeerConnection(), isOfferer, events),
  socket: url => new WebSocket(url),
})

Object.assign(window, { bench })
document.title = 'ready'
