// Over loopback, so that nothing leaves this machine. The LAN itself: e2e/lan.

import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { LinkId } from '../../shared/link/link-id.ts'
import type { AcceptedChannel } from '../../shared/node/host.ts'
import { FRAME } from '../../shared/wire/frame-type.ts'
import { LAN_MAX_UNAUTHENTICATED_LINKS, WS_SUBPROTOCOL } from '../../shared/wire/limits.ts'
import { LanHost } from './lan-host.ts'
import { LanInterfaces } from './lan-interfaces.ts'
import { NO_STORE } from './node-host.ts'

const LOOPBACK = new LanInterfaces({
  lan: [
    {
      address: '127.0.0.1',
      cidr: '127.0.0.1/8',
      netmask: '',
      mac: '',
      internal: false,
      family: 'IPv4',
    },
  ],
})

const hosts: LanHost[] = []
const sockets: WebSocket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate()
  for (const host of hosts.splice(0)) host.dispose()
})

interface Opened {
  readonly host: LanHost
  readonly port: number
  readonly accepted: AcceptedChannel[]
  readonly lost: LinkId[]
}

async function open(): Promise<Opened> {
  const host = new LanHost(NO_STORE)
  hosts.push(host)
  const accepted: AcceptedChannel[] = []
  const lost: LinkId[] = []
  host.connect({
    wake: () => {},
    linkOpened: () => {},
    linkAccepted: channel => accepted.push(channel) as LinkId,
    linkMessage: () => {},
    linkWritable: () => {},
    linkLost: link => lost.push(link),
    storageChanged: () => {},
  })
  const events = { heard: () => {}, networkChanged: () => {} }
  const port = await host.openLan(events, { readInterfaces: () => LOOPBACK })
  if (port === undefined) throw new Error('no port')
  return { host, port, accepted, lost }
}

/** Rejects when the door stays closed. Comes from another address each time. */
async function dial({ port }: Opened): Promise<WebSocket> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/mesh`, WS_SUBPROTOCOL, {
    rejectUnauthorized: false,
    localAddress: `127.0.0.${2 + sockets.length}`,
  })
  sockets.push(socket)
  await once(socket, 'open')
  return socket
}

describe('the host of a client on the LAN', () => {
  it('takes only so many links without a login, and more when some have logged in or gone', async () => {
    const opened = await open()
    const first = await dial(opened)
    for (let n = 1; n < LAN_MAX_UNAUTHENTICATED_LINKS; n++) await dial(opened)
    await expect(dial(opened)).rejects.toThrow('ECONNRESET')
    opened.host.send(2 as LinkId, Uint8Array.of(FRAME.welcome, 0xa0))
    await dial(opened)
    await expect(dial(opened)).rejects.toThrow('ECONNRESET')
    first.terminate()
    await expect.poll(() => opened.lost).toEqual([1])
    await dial(opened)
    expect(opened.accepted).toHaveLength(LAN_MAX_UNAUTHENTICATED_LINKS + 2)
  })

  it('shows a certificate of its own, another for each start', async () => {
    const [one, two] = [await open(), await open()]
    await dial(one)
    await dial(two)
    const [a, b] = [one.accepted[0]?.certSha256, two.accepted[0]?.certSha256]
    expect(a).toHaveLength(32)
    expect(a).not.toEqual(b)
  })

  it('sends and takes nothing any more at the end', async () => {
    const { host, port } = await open()
    host.dispose()
    host.sendBeacon(new Uint8Array(8))
    await expect(dial({ port } as Opened)).rejects.toThrow('ECONNREFUSED')
  })

  it('may be closed while its door opens', async () => {
    const host = new LanHost(NO_STORE)
    const events = { heard: () => {}, networkChanged: () => {} }
    const port = host.openLan(events, { readInterfaces: () => LOOPBACK })
    host.dispose()
    expect(await port).toBeUndefined()
  })
})
