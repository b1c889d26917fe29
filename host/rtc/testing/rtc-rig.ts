// An RTC link over a connection that does what a test says.

import { expect, vi } from 'vitest'
import { fromHex } from '../../../shared/bytes/hex.ts'
import type { RtcSignal } from '../../../shared/node/rtc-host.ts'
import { RtcLink } from '../rtc-link.ts'
import type { RtcPlatform } from '../rtc-platform.ts'
import { FakeChannel, FakeConnection, OWN_PRINT, PEER_PRINT, sdpOf } from './fake-connection.ts'

export interface Rig {
  readonly link: RtcLink
  readonly pc: FakeConnection
  readonly signals: RtcSignal[]
  /** Everything else that was told, as text. */
  readonly told: string[]
}

export function openRig(isOfferer: boolean, holdMs = 0, isRelayOnly = false): Rig {
  const signals: RtcSignal[] = []
  const told: string[] = []
  let made: FakeConnection | undefined
  const platform: RtcPlatform = {
    holdMs,
    connection(configuration) {
      made = new FakeConnection(configuration)
      return made as unknown as RTCPeerConnection
    },
  }
  const link = new RtcLink(
    platform,
    { isOfferer, iceServers: [{ urls: ['stun:example.org'] }], isRelayOnly },
    {
      signal: signal => void signals.push(signal),
      opened: ({ own, peer }) => {
        expect([own, peer]).toEqual([fromHex(OWN_PRINT), fromHex(PEER_PRINT)])
        told.push('opened')
      },
      paired: ({ own, peer, protocol }) => void told.push(`paired: ${own} ${peer} ${protocol}`),
      message: bytes => void told.push(`message of ${bytes.length}`),
      writable: () => void told.push('writable'),
      lost: reason => void told.push(`lost: ${reason}`),
    },
  )
  if (made === undefined) throw new Error('no connection was made')
  return { link, pc: made, signals, told }
}

/** Lets promises that are due settle. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

export const OFFER: RtcSignal = { kind: 'offer', sdp: sdpOf(PEER_PRINT) }
export const ANSWER: RtcSignal = { kind: 'answer', sdp: sdpOf(PEER_PRINT) }
export const candidate = (n: number): RtcSignal => ({
  kind: 'candidate',
  candidate: `candidate:${n}`,
  mid: '0',
})

export async function openOffered(): Promise<Rig> {
  const rig = openRig(true)
  await settle()
  rig.link.signal(ANSWER)
  await settle()
  rig.pc.channel.opens()
  expect(rig.told.splice(0)).toEqual(['opened'])
  return rig
}

export async function openAnswered(): Promise<Rig & { readonly channel: FakeChannel }> {
  const rig = openRig(false)
  rig.link.signal(OFFER)
  await settle()
  const channel = new FakeChannel()
  rig.pc.ondatachannel?.({ channel })
  channel.opens()
  expect(rig.told.splice(0)).toEqual(['opened'])
  return { ...rig, channel }
}

export function expectLost({ told, pc }: Rig, reason: string): void {
  expect(told).toEqual([`lost: ${reason}`])
  expect(pc.closes).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
}
