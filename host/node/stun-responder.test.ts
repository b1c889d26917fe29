// Over loopback, with real sockets: who asks is told the address it asks from, what is no request is met with silence,
// rates hold, and nothing is left at the end.

import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { concat } from '../../shared/bytes/concat.ts'
import {
  STUN_BURST,
  STUN_MAX_ADDRESSES,
  STUN_MAX_BYTES,
  STUN_PER_NETWORK_BURST,
  STUN_PER_NETWORK_PER_S,
} from '../../shared/wire/limits.ts'
import { decodeBindingAnswer, encodeBindingRequest } from '../../shared/wire/stun.ts'
import { encodeStunMessage } from '../../shared/wire/stun-message.ts'
import type { StunOptions } from './stun-responder.ts'
import { StunResponder } from './stun-responder.ts'

const V4 = '127.0.0.1'
const V6 = '::1'
const transaction = new Uint8Array(12).fill(7)
const PLAIN = encodeBindingRequest({ transaction, hasFingerprint: false })
const MARKED = encodeBindingRequest({ transaction, hasFingerprint: true })

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
  vi.restoreAllMocks()
})

async function open(options: Partial<StunOptions> = {}) {
  const responder = new StunResponder({ port: 0, addresses: () => [V4, V6], ...options })
  closers.push(() => responder.close())
  return { responder, port: await responder.open() }
}

async function bound(address = V4): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  closers.push(() => socket.close())
  return socket
}

function send(socket: Socket, bytes: Uint8Array, port: number, to = V4): Promise<void> {
  return new Promise(resolve => socket.send(bytes, port, to, () => resolve()))
}

async function ask(socket: Socket, bytes: Uint8Array, port: number, to = V4): Promise<Uint8Array> {
  const answered = once(socket, 'message')
  await send(socket, bytes, port, to)
  return new Uint8Array((await answered)[0])
}

/** One of the event loop, in which sockets are read. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

function requestWith(type: number, length: number): Uint8Array {
  const attributes = [{ type, value: new Uint8Array(length) }]
  return encodeStunMessage({ type: 1, transaction, attributes, hasFingerprint: false })
}

describe('who asks', () => {
  it.each([
    [V4, 12, [127, 0, 0, 1]],
    [V6, 24, [...new Array(15).fill(0), 1]],
  ])('over %s is told its address and port, in %i bytes more', async (address, more, ip) => {
    const { responder, port } = await open()
    const socket = await bound(address)
    for (const request of [PLAIN, MARKED]) {
      const answer = await ask(socket, request, port, address)
      expect(answer.length).toBe(request.length + more)
      expect(decodeBindingAnswer(answer)).toEqual({
        kind: 'success',
        transaction,
        address: { ip: Uint8Array.from(ip), port: socket.address().port },
        hasFingerprint: request === MARKED,
      })
    }
    expect(responder.stats).toEqual({ answered: 2, refused: 0, limited: 0, ignored: 0 })
  })

  it('for what nobody here knows is told so', async () => {
    const { responder, port } = await open()
    const request = requestWith(0x0003, 4)
    const answer = await ask(await bound(), request, port)
    expect(answer.length).toBeLessThanOrEqual(request.length + 12)
    expect(decodeBindingAnswer(answer)).toMatchObject({ kind: 'unknownAttributes', types: [3] })
    expect(responder.stats).toMatchObject({ answered: 0, refused: 1 })
  })

  it('at an address is answered from there, and told the one that it has', async () => {
    const { port } = await open({ addresses: () => [V4, '127.0.0.3'] })
    const socket = await bound('127.0.0.2')
    const answered = once(socket, 'message')
    await send(socket, PLAIN, port, '127.0.0.3')
    const [bytes, from] = await answered
    expect(from).toMatchObject({ address: '127.0.0.3', port })
    expect(decodeBindingAnswer(new Uint8Array(bytes))).toMatchObject({
      address: { ip: Uint8Array.of(127, 0, 0, 2) },
    })
  })
})

describe('silence', () => {
  const changed = (at: number, value: number, from = PLAIN) =>
    from.map((byte, index) => (index === at ? value : byte))

  it.each([
    ['nothing', new Uint8Array()],
    ['a header that is cut', PLAIN.subarray(0, 19)],
    ['a beacon, or anything else', new Uint8Array(100).fill(0x6b)],
    ['an indication', changed(1, 0x11)],
    ['its own answer', changed(0, 1)],
    ['an error', changed(1, 0x11, changed(0, 1))],
    ['another method', changed(1, 3)],
    ['a request of RFC 3489', changed(4, 0)],
    ['a wrong length', concat(PLAIN, new Uint8Array(4))],
    ['a wrong fingerprint', changed(27, 0, MARKED)],
    ['too much', requestWith(0x8022, STUN_MAX_BYTES - 20)],
  ])('is the answer to %s', async (_, bytes) => {
    const { responder, port } = await open()
    const socket = await bound()
    await send(socket, bytes, port)
    const answer = await ask(socket, PLAIN, port)
    expect(decodeBindingAnswer(answer).kind).toBe('success')
    expect(responder.stats).toEqual({ answered: 1, refused: 0, limited: 0, ignored: 1 })
  })
})

describe('rates', () => {
  /** One after the other, so that the system drops none. @returns how many were answered */
  async function flood(responder: StunResponder, socket: Socket, port: number, count: number) {
    const before = responder.stats
    for (let n = 0; n < count; n++) {
      const { answered, limited } = responder.stats
      await send(socket, PLAIN, port)
      while (responder.stats.answered + responder.stats.limited === answered + limited) await turn()
    }
    return responder.stats.answered - before.answered
  }

  it('hold for one network, whichever of its addresses asks, and not for another', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(1_000)
    const { responder, port } = await open()
    const one = await flood(responder, await bound('127.0.0.2'), port, STUN_PER_NETWORK_BURST - 1)
    const other = await flood(responder, await bound('127.0.0.3'), port, 3)
    expect([one, other]).toEqual([STUN_PER_NETWORK_BURST - 1, 1])
    expect(responder.stats.limited).toBe(2)
    expect(await flood(responder, await bound('127.0.1.1'), port, 1)).toBe(1)
    vi.spyOn(performance, 'now').mockReturnValue(2_000)
    const again = await flood(responder, await bound(), port, STUN_PER_NETWORK_PER_S + 1)
    expect(again).toBe(STUN_PER_NETWORK_PER_S)
  })

  it('hold for all together', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(1_000)
    const { responder, port } = await open({ limitsNetworks: false })
    expect(await flood(responder, await bound(), port, STUN_BURST + 2)).toBe(STUN_BURST)
  })

  it('do not count what is no request', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(1_000)
    const { responder, port } = await open()
    const socket = await bound()
    for (let n = 1; n <= STUN_PER_NETWORK_BURST; n++) {
      await send(socket, PLAIN.subarray(1), port)
      while (responder.stats.ignored < n) await turn()
    }
    expect(await flood(responder, socket, port, 1)).toBe(1)
  })
})

describe('the addresses of a machine', () => {
  it('are followed as they come and go', async () => {
    let addresses = [V4]
    const { responder, port } = await open({ addresses: () => addresses })
    addresses = ['127.0.0.9', '203.0.113.1']
    responder.refresh()
    const socket = await bound()
    const news = once(socket, 'message')
    // Until the new one is bound, what is sent to it is lost.
    while (responder.stats.answered === 0) {
      await send(socket, PLAIN, port, '127.0.0.9')
      await turn()
    }
    expect((await news)[1]).toMatchObject({ address: '127.0.0.9' })
    // The old one is free.
    const other = createSocket('udp4').bind(port, V4)
    await once(other, 'listening')
    other.close()
  })

  it('that cannot be had yet are left out', async () => {
    const { port } = await open({ addresses: () => ['203.0.113.1', V4] })
    expect(decodeBindingAnswer(await ask(await bound(), PLAIN, port)).kind).toBe('success')
  })

  it('count up to a number', async () => {
    const addresses = Array.from({ length: STUN_MAX_ADDRESSES + 1 }, (_, n) => `127.0.2.${n + 1}`)
    const { port } = await open({ addresses: () => addresses })
    const free = createSocket('udp4').bind(port, addresses.at(-1))
    await once(free, 'listening')
    free.close()
    const taken = createSocket('udp4').bind(port, addresses.at(-2))
    await expect(once(taken, 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('what cannot be opened', () => {
  it.each([[[V6, V4]], [[V4, V6]]])('is a port taken on one of %o: nothing is', async addresses => {
    const other = await bound(V4)
    const { port } = other.address()
    const responder = new StunResponder({ port, addresses: () => addresses })
    await expect(responder.open()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const free = createSocket('udp6').bind({ port, address: V6, exclusive: true })
    await once(free, 'listening')
    free.close()
  })

  it('is one on addresses that are elsewhere, or on none', async () => {
    const elsewhere = new StunResponder({ port: 0, addresses: () => ['203.0.113.1'] })
    await expect(elsewhere.open()).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
    const none = new StunResponder({ port: 0, addresses: () => [] })
    await expect(none.open()).rejects.toThrow(/no address/)
  })
})

describe('the end', () => {
  it('leaves the port free at once, and answers nothing', async () => {
    const { responder, port } = await open()
    const socket = await bound()
    let answers = 0
    socket.on('message', () => {
      answers += 1
    })
    responder.close()
    responder.close()
    responder.refresh()
    for (const address of [V4, V6]) {
      const next = createSocket(address === V6 ? 'udp6' : 'udp4').bind(port, address)
      await once(next, 'listening')
      await send(socket, PLAIN, port)
      next.close()
    }
    expect([answers, responder.stats.answered]).toEqual([0, 0])
  })

  it('may come while it opens', async () => {
    const responder = new StunResponder({ port: 0, addresses: () => [V4, V6] })
    const opening = responder.open()
    responder.close()
    await expect(opening).rejects.toThrow()
  })
})
