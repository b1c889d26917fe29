// Over loopback, so that nothing leaves this machine: what a node is spared, and that it ends. Between machines,
// over both families, with interfaces that come and go: e2e/lan.

import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HeardDatagram } from '../../shared/node/lan/lan.ts'
import {
  BEACON_MAX_BYTES,
  BEACONS_BURST,
  BEACONS_PER_ADDRESS_BURST,
  BEACONS_PER_S,
  LAN_POLL_MS,
} from '../../shared/wire/limits.ts'
import { LanInterfaces } from './lan-interfaces.ts'
import { UdpBeacon } from './udp-beacon.ts'

/** Loopback as if it were a network, or a part of it. */
function interfacesOf(...cidrs: readonly string[]): LanInterfaces {
  const infos = cidrs.map(cidr => {
    const [address = ''] = cidr.split('/')
    return { address, cidr, netmask: '', mac: '', internal: false, family: 'IPv4' as const }
  })
  return new LanInterfaces({ lan: infos })
}

const NEIGHBOUR = '127.0.0.2'
const OTHER = '127.0.0.1'
const BOTH = interfacesOf('127.0.0.1/8')

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
  vi.useRealTimers()
})

async function bound(address: string): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  closers.push(() => socket.close())
  return socket
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

interface Ear {
  readonly beacon: UdpBeacon
  readonly heard: HeardDatagram[]
  readonly port: number
  /** Resolves when something was heard from there. */
  heardFrom(address: string): Promise<HeardDatagram>
}

async function listen(interfaces: LanInterfaces): Promise<Ear> {
  const heard: HeardDatagram[] = []
  const news = new EventTarget()
  const port = await freePort()
  const beacon = new UdpBeacon(
    {
      heard: datagram => {
        heard.push(datagram)
        news.dispatchEvent(new Event('heard'))
      },
      networkChanged: () => {},
    },
    { readInterfaces: () => interfaces, port },
  )
  closers.push(() => beacon.close())
  const ear: Ear = {
    beacon,
    heard,
    port,
    async heardFrom(address) {
      for (;;) {
        const found = heard.find(datagram => datagram.address === address)
        if (found !== undefined) return found
        await once(news, 'heard')
      }
    },
  }
  await ready(ear)
  return ear
}

/** Until its socket is bound, what is sent to it is lost. */
async function ready({ beacon }: Ear): Promise<void> {
  while (beacon.status().every(({ interfaces, problem }) => interfaces.length === 0 && !problem)) {
    await turn()
  }
}

/** One of the event loop, in which sockets are read. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

function beaconLike(length: number, last = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set([0x6b, 0x6d, 0x62, 1])
  bytes[length - 1] = last
  return bytes
}

function send(socket: Socket, { port }: Ear, bytes: Uint8Array): Promise<void> {
  return new Promise(resolve => socket.send(bytes, port, '127.0.0.1', () => resolve()))
}

describe('what a node hears', () => {
  it('is what looks like a beacon, with where it came from', async () => {
    const ear = await listen(BOTH)
    const neighbour = await bound(NEIGHBOUR)
    await send(neighbour, ear, new Uint8Array(100))
    await send(neighbour, ear, beaconLike(BEACON_MAX_BYTES + 1))
    await send(neighbour, ear, beaconLike(BEACON_MAX_BYTES))
    const { bytes, zone } = await ear.heardFrom(NEIGHBOUR)
    expect(zone).toBeUndefined()
    expect(new Uint8Array(bytes)).toEqual(beaconLike(BEACON_MAX_BYTES))
    expect(ear.heard).toHaveLength(1)
  })

  it('comes from networks that this machine is on', async () => {
    const ear = await listen(interfacesOf(`${NEIGHBOUR}/32`))
    await send(await bound(OTHER), ear, beaconLike(100, 1))
    await send(await bound(NEIGHBOUR), ear, beaconLike(100, 2))
    expect((await ear.heardFrom(NEIGHBOUR)).bytes.at(-1)).toBe(2)
    expect(ear.heard).toHaveLength(1)
  })

  it('is of one address only so much, and of others all the same', async () => {
    const ear = await listen(BOTH)
    const [flooder, neighbour] = [await bound(OTHER), await bound(NEIGHBOUR)]
    const startedAt = performance.now()
    for (let n = 0; n < 4 * BEACONS_BURST; n++) {
      await send(flooder, ear, beaconLike(100))
      await turn()
    }
    // What the system has no room for it drops, also of others: a neighbour sends again.
    while (ear.heard.at(-1)?.address !== NEIGHBOUR) {
      await send(neighbour, ear, beaconLike(100, 2))
      await turn()
    }
    const seconds = (performance.now() - startedAt) / 1_000
    const most = BEACONS_PER_ADDRESS_BURST + BEACONS_BURST + 2 * BEACONS_PER_S * seconds
    const fromFlooder = ear.heard.filter(({ address }) => address === OTHER).length
    expect(fromFlooder).toBeGreaterThanOrEqual(BEACONS_BURST)
    expect(fromFlooder).toBeLessThanOrEqual(most)
  })

  it('is nothing after the end', async () => {
    const ear = await listen(BOTH)
    ear.beacon.close()
    ear.beacon.close()
    await send(await bound(NEIGHBOUR), ear, beaconLike(100))
    ear.beacon.send(beaconLike(100))
    expect(ear.heard).toEqual([])
    expect(ear.beacon.status().flatMap(({ interfaces }) => interfaces)).toEqual([])
  })
})

describe('the networks of a machine', () => {
  it('are looked at again and again, and a change is told', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let table = interfacesOf('127.0.0.1/8')
    let changes = 0
    const beacon = new UdpBeacon(
      {
        heard: () => {},
        networkChanged: () => {
          changes += 1
        },
      },
      { readInterfaces: () => table, port: await freePort() },
    )
    closers.push(() => beacon.close())
    vi.advanceTimersByTime(LAN_POLL_MS)
    expect(changes).toBe(0)
    expect(beacon.isOnLink({ address: '10.0.0.7', zone: undefined })).toBe(false)
    table = interfacesOf('10.0.0.1/24')
    vi.advanceTimersByTime(LAN_POLL_MS)
    expect(changes).toBe(1)
    expect(beacon.isOnLink({ address: '10.0.0.7', zone: undefined })).toBe(true)
    beacon.close()
    table = interfacesOf('10.0.1.1/24')
    vi.advanceTimersByTime(LAN_POLL_MS)
    expect(changes).toBe(1)
  })

  it('may be none, or none that the system knows: then the node is alone and says why', async () => {
    const ear = await listen(interfacesOf('203.0.113.1/24'))
    ear.beacon.send(beaconLike(100))
    const [v4] = ear.beacon.status()
    expect(v4).toMatchObject({ family: 'v4', interfaces: [] })
    expect(v4?.problem).toMatch(/addMembership/)
  })
})
