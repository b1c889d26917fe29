// What real connections seldom do: other certificates, ends in the middle, hostile chunks.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FakeConnection } from './testing/fake-connection.ts'
import { OWN_PRINT, PEER_PRINT, sdpOf } from './testing/fake-connection.ts'
import {
  ANSWER,
  candidate,
  expectLost,
  OFFER,
  openAnswered,
  openOffered,
  openRig,
  settle,
} from './testing/rtc-rig.ts'

const CLOSE_MS = 2_000
const MIB = 1_048_576

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('fingerprints', () => {
  it.each([
    ['none', 'v=0\r\n'],
    ['two', sdpOf(PEER_PRINT) + sdpOf(OWN_PRINT)],
    ['one by another hash', 'v=0\r\na=fingerprint:sha-1 00:11\r\n'],
  ])('of the other side: %s is not authentic', (_, sdp) => {
    const rig = openRig(false)
    rig.link.signal({ kind: 'offer', sdp })
    expectLost(rig, 'unauthenticated')
  })

  it.each(['currentLocalDescription', 'currentRemoteDescription'] as const)(
    'that %s does not have are not authentic',
    async which => {
      const rig = openRig(true)
      await settle()
      rig.link.signal(ANSWER)
      await settle()
      rig.pc[which] = { type: 'offer', sdp: 'v=0\r\n' }
      rig.pc.channel.opens()
      expectLost(rig, 'unauthenticated')
    },
  )

  it('are known also before the platform says that the answer is in force', async () => {
    const rig = openRig(true)
    await settle()
    rig.pc.currentLocalDescription = null
    rig.pc.readiness = new Promise(() => {})
    rig.link.signal(ANSWER)
    await settle()
    rig.pc.channel.opens()
    expect(rig.told).toEqual(['opened'])
  })

  it('that the certificate does not have are not authentic: the handshake fails', async () => {
    const rig = openRig(true)
    rig.pc.iceBecomes('connected')
    rig.pc.becomes('failed')
    expectLost(rig, 'unauthenticated')
  })
})

describe('the end of a connection', () => {
  it('comes when no packets go through', () => {
    const rig = openRig(true)
    rig.pc.iceBecomes('failed')
    rig.pc.becomes('failed')
    expectLost(rig, 'unreachable')
  })

  it('comes when they did and do not any more, and not before that is sure', async () => {
    const rig = await openOffered()
    rig.pc.iceBecomes('disconnected')
    rig.pc.becomes('disconnected')
    expect(rig.told).toEqual([])
    rig.pc.iceBecomes('failed')
    expectLost(rig, 'timeout')
  })

  it.each([
    ['its channel closes', (pc: FakeConnection) => pc.channel.onclose?.()],
    ['its channel fails', (pc: FakeConnection) => pc.channel.onerror?.()],
    ['it is closed', (pc: FakeConnection) => pc.becomes('closed')],
    ['ICE is closed', (pc: FakeConnection) => pc.iceBecomes('closed')],
    ['DTLS fails', (pc: FakeConnection) => pc.becomes('failed')],
  ])('comes once when %s', async (_, end) => {
    const rig = await openOffered()
    const { onclose, onerror } = rig.pc.channel
    end(rig.pc)
    onclose?.()
    onerror?.()
    expectLost(rig, 'normal')
  })

  it.each([true, false])(
    'leaves nothing for late events to harm (offerer: %s)',
    async isOfferer => {
      const rig = openRig(isOfferer)
      let ready = (): void => {}
      rig.pc.readiness = new Promise(resolve => {
        ready = resolve
      })
      await settle()
      rig.link.signal(isOfferer ? ANSWER : OFFER)
      await settle()
      const { signals, pc, link } = rig
      const toldBefore = signals.length
      pc.gathersAll()
      link.close('normal')
      ready()
      await settle()
      link.signal(candidate(1))
      link.signal(OFFER)
      link.close('busy')
      expect(link.send(new Uint8Array(3))).toBe('ok')
      expect([signals.length, pc.closes, rig.told]).toEqual([toldBefore, 1, []])
      expect([pc.onicecandidate, pc.ondatachannel, pc.onconnectionstatechange]).toEqual([
        null,
        null,
        null,
      ])
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('of one that never opened closes its channel, which a connection does not do everywhere', () => {
    const rig = openRig(true)
    rig.link.close('normal')
    expect(rig.pc.channel.readyState).toBe('closed')
  })
})

describe('an open link', () => {
  it('is full from 1 MiB on, and writable at half of that', async () => {
    const { link, pc, told } = await openOffered()
    expect(pc.channel.bufferedAmountLowThreshold).toBe(MIB / 2)
    pc.channel.bufferedAmount = MIB - 12
    expect(link.send(new Uint8Array(10))).toBe('ok')
    expect(link.send(new Uint8Array(0))).toBe('full')
    expect(link.send(new Uint8Array(9))).toBe('full')
    pc.channel.drains()
    pc.channel.drains()
    expect(told).toEqual(['writable'])
    expect(link.send(new Uint8Array(9))).toBe('ok')
  })

  it('tells which candidates it goes over, and when that changes', async () => {
    const rig = openRig(true)
    rig.pc.goesOver('host', 'prflx')
    rig.pc.iceBecomes('connected')
    await settle()
    rig.link.signal(ANSWER)
    await settle()
    expect(rig.told).toEqual([])
    rig.pc.channel.opens()
    await settle()
    rig.pc.goesOver('host', 'host')
    rig.pc.iceBecomes('completed')
    await settle()
    expect(rig.told).toEqual(['opened', 'paired: host prflx udp', 'paired: host host udp'])
    rig.pc.goesOver('host', 'relay')
    rig.link.close('normal')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(rig.told).toHaveLength(3)
  })

  it('is lost when even the buffer takes no more', async () => {
    const rig = await openOffered()
    rig.pc.channel.isFullToTheBrim = true
    expect(rig.link.send(new Uint8Array(9))).toBe('ok')
    expectLost(rig, 'tooSlow')
  })

  it.each([
    ['text', 'text'],
    ['an empty message', new Uint8Array()],
    ['an unknown head', Uint8Array.of(9, 1)],
  ])('is lost by %s', async (_, bytes) => {
    const rig = await openOffered()
    rig.pc.channel.hears(bytes)
    expectLost(rig, 'protocol')
  })

  it('is lost by a message over the limit', async () => {
    const rig = await openAnswered()
    const more = new Uint8Array(16_384).fill(1, 0, 1)
    for (let n = 0; n < 5; n++) rig.channel.hears(more)
    expectLost(rig, 'tooLarge')
  })

  it('ends with the reason that the other side gives', async () => {
    const rig = await openOffered()
    rig.pc.channel.hears(Uint8Array.of(2, 10))
    expectLost(rig, 'busy')
  })

  it('closes by saying so, and waits until the other side has heard it', async () => {
    const { link, pc, told } = await openOffered()
    link.close('busy')
    expect(pc.channel.sent.pop()).toEqual(Uint8Array.of(2, 10))
    await vi.advanceTimersByTimeAsync(CLOSE_MS - 1)
    pc.channel.hears(Uint8Array.of(0, 1))
    expect(pc.closes).toBe(0)
    pc.channel.onclose?.()
    expect([pc.closes, told, vi.getTimerCount()]).toEqual([1, [], 0])
  })

  it('says so and is gone at once when it is dropped', async () => {
    const { link, pc, told } = await openOffered()
    link.drop('busy')
    link.drop('busy')
    expect(pc.channel.sent).toContainEqual(Uint8Array.of(2, 10))
    expect([pc.closes, told, vi.getTimerCount()]).toEqual([1, [], 0])
  })

  it('waits for that no longer than it must', async () => {
    const { link, pc, told } = await openOffered()
    link.close('normal')
    await vi.advanceTimersByTimeAsync(CLOSE_MS)
    expect([pc.closes, told]).toEqual([1, []])
  })
})
