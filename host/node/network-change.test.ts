// What becomes of the links of a Node host when this machine loses an address (address-watch.ts).

import type { Server } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LinkId } from '../../shared/link/link-id.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import type { LinkHostEvents } from '../rtc/rtc-connections.ts'
import { NO_STORE, NodeHost } from './node-host.ts'
import type { WsListener } from './testing/ws-listener.ts'
import { listenForSockets } from './testing/ws-listener.ts'

const OPEN = 1 as LinkId
const DIALING = 2 as LinkId
const TRUSTED = { isUntrusted: false }

let own: Set<string>
let told: unknown[][]
let listener: WsListener
let silent: Server
let host: NodeHost

beforeEach(async () => {
  own = new Set(['127.0.0.1', '192.0.2.1'])
  told = []
  listener = await listenForSockets()
  silent = createServer(socket => void socket.on('error', () => {}))
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  host = new NodeHost(NO_STORE, {
    addresses: { read: () => new Set(own), everyMs: 1 },
    onNetworkChange: () => void told.push(['network']),
  })
  const tell =
    (name: string) =>
    (...all: unknown[]): void =>
      void told.push([name, ...all])
  host.connect({
    linkOpened: id => void told.push(['opened', id]),
    linkLost: tell('lost'),
  } as Partial<LinkHostEvents> as LinkHostEvents)
})

afterEach(async () => {
  host.dispose()
  await listener.close()
  silent.close()
})

const url = (port: number): ServerUrl => ({ scheme: 'ws', host: '127.0.0.1', port })

async function open(): Promise<void> {
  host.dial(OPEN, url(listener.port), TRUSTED)
  await vi.waitFor(() => expect(told).toEqual([['opened', OPEN]]))
  told = []
}

it('loses links that went out from an address that is gone, then tells of the change', async () => {
  await open()
  own.delete('127.0.0.1')
  await vi.waitFor(() => expect(told).toEqual([['lost', OPEN, 'timeout'], ['network']]))
})

it('keeps links that go out from another', async () => {
  await open()
  own.delete('192.0.2.1')
  await vi.waitFor(() => expect(told).toEqual([['network']]))
  host.send(OPEN, Uint8Array.of(1))
  own.add('192.0.2.9')
  await vi.waitFor(() => expect(told).toEqual([['network'], ['network']]))
})

it('gives up dials that are under way when an address is gone, and only then', async () => {
  const port = (silent.address() as { port: number }).port
  host.dial(DIALING, url(port), TRUSTED)
  own.add('192.0.2.9')
  await vi.waitFor(() => expect(told).toEqual([['network']]))
  own.delete('192.0.2.1')
  await vi.waitFor(() =>
    expect(told).toEqual([['network'], ['lost', DIALING, 'unreachable'], ['network']]),
  )
})

it('does nothing of it once disposed', async () => {
  await open()
  host.dispose()
  own.clear()
  const other = new NodeHost(NO_STORE, {
    addresses: { read: () => new Set(own), everyMs: 1 },
    onNetworkChange: () => void told.push(['other']),
  })
  other.connect({} as LinkHostEvents)
  own.add('127.0.0.1')
  await vi.waitFor(() => expect(told).toEqual([['other']]))
  other.dispose()
})
