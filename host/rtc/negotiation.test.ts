// Signals as real connections seldom send them: in the wrong order, too many, too late.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RTC_MAX_CANDIDATES } from '../../shared/wire/limits.ts'
import { FakeChannel, OWN_PRINT, PEER_PRINT, sdpOf } from './testing/fake-connection.ts'
import {
  ANSWER,
  candidate,
  expectLost,
  OFFER,
  openAnswered,
  openRig,
  settle,
} from './testing/rtc-rig.ts'

const HOLD_MS = 50
const added = (n: number) => ({ candidate: `candidate:${n}`, sdpMid: '0' })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('an offerer', () => {
  it('tells its offer without candidates, then these, then that there are no more', async () => {
    const { pc, signals } = openRig(true)
    pc.finds('a=candidate:1')
    await settle()
    pc.finds('')
    pc.finds('candidate:2')
    pc.gathersAll()
    await settle()
    expect(signals).toEqual([
      { kind: 'offer', sdp: sdpOf(OWN_PRINT) },
      candidate(1),
      candidate(2),
      { kind: 'candidate', candidate: '', mid: '0' },
    ])
  })

  it('tells no more candidates than the other side takes, and the end nevertheless', async () => {
    const { pc, signals } = openRig(true)
    await settle()
    for (let n = 0; n < RTC_MAX_CANDIDATES + 5; n++) pc.finds(`candidate:${n}`)
    pc.gathersAll()
    await settle()
    expect(signals).toHaveLength(1 + RTC_MAX_CANDIDATES + 1)
  })

  it('holds its candidates back until some time after the answer, where that is needed', async () => {
    const { link, pc, signals } = openRig(true, HOLD_MS)
    await settle()
    pc.finds('candidate:1')
    await vi.advanceTimersByTimeAsync(10 * HOLD_MS)
    link.signal(ANSWER)
    await vi.advanceTimersByTimeAsync(HOLD_MS - 1)
    expect(signals.map(({ kind }) => kind)).toEqual(['offer'])
    await vi.advanceTimersByTimeAsync(1)
    pc.finds('candidate:2')
    expect(signals.slice(1)).toEqual([candidate(1), candidate(2)])
  })

  it('holds them no longer than until packets go through', async () => {
    const { link, pc, signals } = openRig(true, HOLD_MS)
    pc.finds('candidate:1')
    await settle()
    link.signal(ANSWER)
    await settle()
    pc.iceBecomes('connected')
    expect(signals.slice(1)).toEqual([candidate(1)])
    link.close('normal')
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['an answer before its offer', []],
    ['an offer', [OFFER]],
    ['two answers', [ANSWER, ANSWER]],
  ])('does not put up with %s', async (_, signals) => {
    const rig = openRig(true)
    if (signals.length === 0) rig.link.signal(ANSWER)
    await settle()
    for (const signal of signals) rig.link.signal(signal)
    await settle()
    expectLost(rig, 'protocol')
  })

  it('asks for servers only, if told so', () => {
    expect(openRig(true, 0, true).pc.configuration).toEqual({
      iceServers: [{ urls: ['stun:example.org'] }],
      iceTransportPolicy: 'relay',
    })
    expect(openRig(true).pc.configuration.iceTransportPolicy).toBe('all')
  })

  it('takes no candidates out of an answer, where nobody counts them', async () => {
    const { link, pc } = openRig(true)
    await settle()
    const kept = sdpOf(PEER_PRINT)
    const lines = Array.from({ length: 2 * RTC_MAX_CANDIDATES }, (_, n) => `a=candidate:${n}\r\n`)
    link.signal({ kind: 'answer', sdp: `${kept}${lines.join('')}A=CANDIDATE:1\r\n` })
    await settle()
    expect(pc.currentRemoteDescription?.sdp).toBe(kept)
  })

  it('is lost when it can describe nothing', async () => {
    const rig = openRig(true)
    rig.pc.localDescription = null
    await settle()
    expectLost(rig, 'unreachable')
  })
})

describe('an answerer', () => {
  it('does not put up with an offer of sound or pictures', async () => {
    const rig = openRig(false)
    const media = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n'
    rig.link.signal({ kind: 'offer', sdp: `${sdpOf(PEER_PRINT)}${media}` })
    await settle()
    expect(rig.pc.currentRemoteDescription).toBeNull()
    expectLost(rig, 'protocol')
  })

  it('keeps candidates until the offer is in force, in order, and minds none that is of no use', async () => {
    const { link, pc, signals } = openRig(false)
    let ready = (): void => {}
    pc.readiness = new Promise(resolve => {
      ready = resolve
    })
    link.signal(candidate(1))
    link.signal(OFFER)
    await settle()
    link.signal(candidate(2))
    expect(pc.candidates).toEqual([])
    ready()
    await settle()
    link.signal(candidate(3))
    expect(pc.candidates).toEqual([added(1), added(2), added(3)])
    expect(signals.map(({ kind }) => kind)).toEqual(['answer'])
  })

  it('takes as many candidates as are told, and the end of them', () => {
    const rig = openRig(false)
    for (let n = 0; n <= RTC_MAX_CANDIDATES; n++) rig.link.signal(candidate(n))
    expect(rig.told).toEqual([])
    rig.link.signal(candidate(0))
    expectLost(rig, 'protocol')
  })

  it.each([
    ['an answer', [ANSWER]],
    ['two offers', [OFFER, OFFER]],
  ])('does not put up with %s', async (_, signals) => {
    const rig = openRig(false)
    for (const signal of signals) rig.link.signal(signal)
    await settle()
    expectLost(rig, 'protocol')
  })

  it('does not put up with what is no description', async () => {
    const rig = openRig(false)
    rig.pc.readiness = Promise.reject(new Error('no description'))
    rig.link.signal(OFFER)
    await settle()
    expectLost(rig, 'protocol')
  })

  it.each([
    ['of another label', { label: 'other' }],
    ['without order', { ordered: false }],
    ['that drops what is late', { maxRetransmits: 0 }],
  ])('takes no channel %s', async (_, unlike) => {
    const rig = openRig(false)
    rig.pc.ondatachannel?.({ channel: new FakeChannel(unlike) })
    expectLost(rig, 'protocol')
  })

  it('takes one channel', async () => {
    const rig = await openAnswered()
    rig.pc.ondatachannel?.({ channel: new FakeChannel() })
    expectLost(rig, 'protocol')
  })

  it('takes a channel that is open already, and tells so once', async () => {
    const rig = openRig(false)
    rig.link.signal(OFFER)
    await settle()
    const channel = new FakeChannel()
    channel.readyState = 'open'
    rig.pc.ondatachannel?.({ channel })
    channel.opens()
    expect(rig.told).toEqual(['opened'])
  })

  it('hears what arrives before it is told that the channel is open', async () => {
    const rig = openRig(false)
    rig.link.signal(OFFER)
    await settle()
    const channel = new FakeChannel()
    rig.pc.ondatachannel?.({ channel })
    channel.hears(Uint8Array.of(0, 1, 2))
    expect(rig.told).toEqual(['opened', 'message of 2'])
  })
})
