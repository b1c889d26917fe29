import { describe, expect, it, vi } from 'vitest'
import type { LinkId } from '../../shared/link/link-id.ts'
import type { RtcOptions, RtcSignal } from '../../shared/node/rtc-host.ts'
import { RTC_MAX_CANDIDATES } from '../../shared/wire/limits.ts'
import type { LinkHostEvents, MakeRtcLink } from './rtc-connections.ts'
import { RtcConnections } from './rtc-connections.ts'
import type { RtcLink, RtcLinkEvents } from './rtc-link.ts'

const LINK = 7 as LinkId
const OPTIONS: RtcOptions = { isOfferer: true, iceServers: [], isRelayOnly: false }
const OFFER: RtcSignal = { kind: 'offer', sdp: 'v=0' }
const NO_MORE: RtcSignal = { kind: 'candidate', candidate: '', mid: '0' }
const PRINTS = { own: new Uint8Array(32), peer: new Uint8Array(32).fill(1) }

interface Rig {
  readonly rtc: RtcConnections
  readonly told: unknown[]
  readonly done: unknown[]
  /** The links that were made. */
  readonly made: RtcLinkEvents[]
}

function rig(load?: () => Promise<MakeRtcLink>): Rig {
  const told: unknown[] = []
  const done: unknown[] = []
  const made: RtcLinkEvents[] = []
  const make: MakeRtcLink = (_, events) => {
    made.push(events)
    return {
      signal: (signal: RtcSignal) => void done.push(signal),
      send: () => 'full',
      close: (reason: string) => void done.push(`close: ${reason}`),
      drop: (reason: string) => void done.push(`drop: ${reason}`),
    } as unknown as RtcLink
  }
  const rtc = new RtcConnections(load ?? (async () => make))
  rtc.connect({
    rtcSignal: (...all) => void told.push(['signal', ...all]),
    linkOpened: (...all) => void told.push(['opened', ...all]),
    linkMessage: (...all) => void told.push(['message', ...all]),
    linkWritable: (...all) => void told.push(['writable', ...all]),
    linkLost: (...all) => void told.push(['lost', ...all]),
  } as LinkHostEvents)
  return { rtc, told, done, made }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('WebRTC links of a host', () => {
  it('tell under their name what they tell', async () => {
    const { rtc, told, made } = rig()
    rtc.open(LINK, OPTIONS)
    await settle()
    made[0]?.signal(OFFER)
    made[0]?.opened(PRINTS)
    made[0]?.message(Uint8Array.of(1))
    made[0]?.writable()
    made[0]?.lost('busy')
    expect(told).toEqual([
      ['signal', LINK, OFFER],
      ['opened', LINK, { rtc: PRINTS }],
      ['message', LINK, Uint8Array.of(1)],
      ['writable', LINK],
      ['lost', LINK, 'busy'],
    ])
    expect(rtc.send(LINK, new Uint8Array())).toBeUndefined()
  })

  it('hear what was signaled while they were loaded, in order', async () => {
    const { rtc, done } = rig()
    rtc.open(LINK, OPTIONS)
    rtc.signal(LINK, OFFER)
    rtc.signal(LINK, NO_MORE)
    expect(done).toEqual([])
    await settle()
    expect(done).toEqual([OFFER, NO_MORE])
    expect(rtc.send(LINK, new Uint8Array())).toBe('full')
  })

  it('are lost by more than one attempt has to say', async () => {
    const { rtc, told, made } = rig()
    rtc.open(LINK, OPTIONS)
    for (let n = 0; n < RTC_MAX_CANDIDATES + 2; n++) rtc.signal(LINK, NO_MORE)
    expect(told).toEqual([])
    rtc.signal(LINK, NO_MORE)
    rtc.signal(LINK, NO_MORE)
    await settle()
    expect([told, made]).toEqual([[['lost', LINK, 'protocol']], []])
  })

  it('are not made once they were closed', async () => {
    const { rtc, told, made } = rig()
    rtc.open(LINK, OPTIONS)
    rtc.close(LINK, 'normal')
    rtc.signal(LINK, OFFER)
    await settle()
    expect([told, made]).toEqual([[], []])
  })

  it('are all closed at once', async () => {
    const { rtc, done } = rig()
    rtc.open(LINK, OPTIONS)
    rtc.open((LINK + 1) as LinkId, OPTIONS)
    await settle()
    rtc.closeAll('shutdown')
    rtc.close(LINK, 'busy')
    expect(done).toEqual(['close: shutdown', 'close: shutdown'])
  })

  it('are all dropped where there is no time to close them', async () => {
    const { rtc, done } = rig()
    rtc.open(LINK, OPTIONS)
    await settle()
    rtc.open((LINK + 1) as LinkId, OPTIONS)
    rtc.dropAll('normal')
    rtc.closeAll('shutdown')
    await settle()
    expect(done).toEqual(['drop: normal'])
  })

  it('are all closed and lost when their network is gone', async () => {
    const { rtc, told, done } = rig()
    rtc.open(LINK, OPTIONS)
    await settle()
    rtc.open((LINK + 1) as LinkId, OPTIONS)
    rtc.loseAll('timeout')
    await settle()
    expect(done).toEqual(['close: timeout'])
    expect(told).toEqual([
      ['lost', LINK, 'timeout'],
      ['lost', LINK + 1, 'timeout'],
    ])
  })

  it('are lost where there is no WebRTC after all, and tried again by the next', async () => {
    const load = vi.fn(() => Promise.reject(new Error('no binary for this machine')))
    const { rtc, told } = rig(load)
    rtc.open(LINK, OPTIONS)
    await settle()
    rtc.open((LINK + 1) as LinkId, OPTIONS)
    await settle()
    expect(told).toEqual([
      ['lost', LINK, 'unreachable'],
      ['lost', LINK + 1, 'unreachable'],
    ])
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('are lost when none like that can be made', async () => {
    const { rtc, told } = rig(async () => () => {
      throw new DOMException('not an ICE server', 'SyntaxError')
    })
    rtc.open(LINK, OPTIONS)
    await settle()
    expect(told).toEqual([['lost', LINK, 'unreachable']])
  })
})
