// Links over real `ws` sockets on loopback keep the rules of every transport.

import type { Writable } from 'node:stream'
import { expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { nobleSuite } from '../../shared/crypto/noble-suite.ts'
import { wsBinding } from '../../shared/link/binding.ts'
import { runLinkTransportConformance } from '../../shared/link/testing/run-link-conformance.ts'
import type {
  TransportEnd,
  TransportEvent,
  TransportPair,
} from '../../shared/link/testing/transport-pair.ts'
import { Inbox } from '../../shared/link/testing/transport-pair.ts'
import {
  LINK_SOFT_BUFFER_BYTES,
  WS_CLOSE_BASE,
  WS_MAX_MESSAGE_BYTES,
} from '../../shared/wire/limits.ts'
import { listenForSockets } from './testing/ws-listener.ts'
import { dialWebSocket } from './ws-dial.ts'
import { WsLink } from './ws-link.ts'

runLinkTransportConformance('ws on loopback', makePair)

it('takes a text message for an empty one, which no frame is', async () => {
  const { pair, accepted } = await connect()
  const inbox = new Inbox(pair.initiator)
  accepted.send('text')
  expect(await inbox.message()).toHaveLength(0)
  await pair.dispose()
})

it.each([
  [WS_CLOSE_BASE + 11, 'quota'],
  [WS_CLOSE_BASE + 999, 'normal'],
  [1000, 'normal'],
  [1009, 'tooLarge'],
])('reads close code %i of the other side as %s', async (code, reason) => {
  const { pair, accepted } = await connect()
  const inbox = new Inbox(pair.initiator)
  accepted.close(code)
  expect(await inbox.lost()).toBe(reason)
  await pair.dispose()
})

it('cuts a socket whose other side does not answer the close', async () => {
  const { pair, dialed, accepted } = await connect()
  accepted.pause()
  const cut = new Promise(resolve => dialed.once('close', resolve))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    pair.initiator.close('normal')
    await vi.advanceTimersByTimeAsync(2_000)
  } finally {
    vi.useRealTimers()
  }
  await cut
  await pair.dispose()
})

it('writes what is sent in one turn together, when the turn ends or enough has come together', async () => {
  const { pair, dialed, accepted } = await connect()
  const { _socket: stream } = dialed as WebSocket & { readonly _socket: Writable }
  const written = vi.spyOn(stream, '_writev')
  const inbox = new Inbox(endOf(accepted))
  const sendAll = (messages: readonly Uint8Array[]): void => {
    for (const message of messages) pair.initiator.send(message)
  }
  const small = [1, 2, 3].map(n => new Uint8Array(1_000).fill(n))
  sendAll(small)
  expect(written).toHaveBeenCalledTimes(0)
  for (const message of small) expect(new Uint8Array(await inbox.message())).toEqual(message)
  expect(written).toHaveBeenCalledTimes(1)
  const large = Array.from({ length: 9 }, (_, n) => new Uint8Array(16_384).fill(n))
  sendAll(large)
  expect(written).toHaveBeenCalledTimes(2)
  for (const message of large) expect(new Uint8Array(await inbox.message())).toEqual(message)
  expect(written).toHaveBeenCalledTimes(3)
  await pair.dispose()
})

async function makePair(): Promise<TransportPair> {
  return (await connect()).pair
}

async function connect(): Promise<{ pair: TransportPair; dialed: WebSocket; accepted: WebSocket }> {
  const listener = await listenForSockets()
  const acceptedSoon = listener.accepted()
  const dialed = await dialLoopback(listener.port)
  const accepted = await acceptedSoon
  const binding = wsBinding(nobleSuite, `ws://127.0.0.1:${listener.port}`)
  const pair: TransportPair = {
    initiator: endOf(dialed),
    responder: endOf(accepted),
    maxMessageBytes: WS_MAX_MESSAGE_BYTES,
    // The kernel takes some megabytes before a socket's own buffer fills.
    fullWithinBytes: LINK_SOFT_BUFFER_BYTES + 64 * 1024 * 1024,
    carriesReason: true,
    initiatorBinding: binding,
    responderBindings: [binding],
    dispose: async () => {
      dialed.terminate()
      await listener.close()
    },
  }
  return { pair, dialed, accepted }
}

function dialLoopback(port: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    dialWebSocket(
      { scheme: 'ws', host: '127.0.0.1', port },
      { opened: resolve, failed: reason => reject(new Error(reason)) },
    )
  })
}

function endOf(socket: WebSocket): TransportEnd {
  const early: TransportEvent[] = []
  let tell = (event: TransportEvent): void => void early.push(event)
  const link = new WsLink(socket, {
    message: bytes => tell({ kind: 'message', bytes }),
    writable: () => tell({ kind: 'writable' }),
    lost: reason => tell({ kind: 'lost', reason }),
  })
  return {
    send: bytes => link.send(bytes),
    close: reason => link.close(reason),
    cut: () => {
      tell = () => {}
      socket.terminate()
    },
    listen: listener => {
      tell = listener
      for (const event of early) listener(event)
    },
  }
}
