// What is tried with the real library of Node, in a process of its own (node-rtc.test.ts): it crashes when a
// second thread of a process loads it, and tests run in threads.

import { EventEmitter, once } from 'node:events'
import { equalBytes } from '../../../shared/bytes/equal.ts'
import { linkTransportCases } from '../../../shared/link/link-conformance.suite.ts'
import type { LinkId } from '../../../shared/link/link-id.ts'
import { assert } from '../../../shared/link/testing/transport-pair.ts'
import type { DialedChannel } from '../../../shared/node/host.ts'
import type { CandidatePair, RtcSignal } from '../../../shared/node/rtc-host.ts'
import { NO_STORE, NodeHost } from '../../node/node-host.ts'
import { nodeRtc } from '../../node/rtc-platform.ts'
import type { LinkHostEvents } from '../rtc-connections.ts'
import { loopbackRtc } from './loopback-rtc.ts'
import type { JoinedEnds } from './rtc-end.ts'
import { joinEnds, rtcPair } from './rtc-end.ts'

export interface NodeCase {
  readonly name: string
  run(): Promise<void>
}

const ENDS: readonly ((ends: JoinedEnds) => void)[] = [
  ({ offerer }) => offerer.close('normal'),
  ({ answerer }) => answerer.close('normal'),
  ({ offerer, answerer }) => {
    offerer.close('normal')
    answerer.close('normal')
  },
  ({ offerer, answerer }) => {
    offerer.cut()
    answerer.close('normal')
  },
  ({ offerer, answerer }) => {
    offerer.cut()
    answerer.cut()
  },
]
const ROUNDS = 4

const conformance: readonly NodeCase[] = linkTransportCases.map(({ name, run }) => ({
  name,
  async run() {
    const pair = await rtcPair(loopbackRtc)
    try {
      await run(pair)
    } finally {
      await pair.dispose()
    }
  },
}))

/** The process ends by itself afterwards, unless one of these is not freed. */
const endings: NodeCase = {
  name: 'ends in all the ways there are, open and not yet open',
  async run() {
    for (let round = 0; round < ROUNDS; round++) {
      for (const end of ENDS) {
        const opened = joinEnds(loopbackRtc, loopbackRtc)
        await Promise.all([opened.offerer.opened, opened.answerer.opened])
        end(opened)
        const unopened = joinEnds(loopbackRtc, loopbackRtc)
        await new Promise(resolve => setTimeout(resolve, round))
        unopened.offerer.close('normal')
        unopened.answerer.close('normal')
      }
    }
  },
}

const servers: NodeCase = {
  name: 'takes ICE servers with logins of any characters, and none that is no such server',
  async run() {
    const turn = {
      urls: ['turn:127.0.0.1:9?transport=udp'],
      username: '17:me',
      credential: 'a/b@c',
    }
    const stun = { urls: ['stuns:127.0.0.1:9', 'stun:[::1]:9', 'stun:127.0.0.1:9'] }
    nodeRtc.connection({ iceServers: [turn, stun] }).close()
    let isRefused = false
    try {
      nodeRtc.connection({ iceServers: [{ urls: ['http://127.0.0.1:9'] }] }).close()
    } catch {
      isRefused = true
    }
    assert(isRefused, 'http:// was taken for an ICE server')
  },
}

const hosts: NodeCase = {
  name: 'is a link of hosts under its id, with what a login is bound to',
  async run() {
    const a: Side = side(3 as LinkId, true, signal => b.host.rtc?.signal(b.link, signal))
    const b: Side = side(8 as LinkId, false, signal => a.host.rtc?.signal(a.link, signal))
    const [[one], [other]] = await Promise.all([a.opened, b.opened])
    const [own, peer] = [one.rtc?.own, other.rtc?.peer]
    assert(own?.length === 32 && peer !== undefined, 'a fingerprint is missing')
    assert(equalBytes(own, peer), 'the two ends see different certificates')
    for (const { paired } of [a, b]) {
      const [pair] = await paired
      assert(pair.protocol === 'udp', `over ${pair.protocol}`)
      assert(['host', 'prflx'].includes(pair.own), `over our ${pair.own}`)
      assert(['host', 'prflx'].includes(pair.peer), `over their ${pair.peer}`)
    }
    a.host.send(a.link, Uint8Array.of(1, 2, 3))
    const [message] = await b.message
    assert(equalBytes(message, Uint8Array.of(1, 2, 3)), 'the message changed')
    a.host.dispose()
    const [reason] = await b.lost
    assert(reason === 'normal', `the other host was told ${reason}`)
    b.host.dispose()
  },
}

export const nodeCases: readonly NodeCase[] = [...conformance, endings, servers, hosts]

interface Side {
  readonly host: NodeHost
  readonly link: LinkId
  readonly opened: Promise<readonly [DialedChannel]>
  readonly paired: Promise<readonly [CandidatePair]>
  readonly message: Promise<readonly [Uint8Array]>
  readonly lost: Promise<readonly [string]>
}

function side(link: LinkId, isOfferer: boolean, told: (signal: RtcSignal) => void): Side {
  const host = new NodeHost(NO_STORE)
  const heard = new EventEmitter<Record<string, unknown[]>>()
  const next = (kind: string) => once(heard, `${kind} ${link}`) as Promise<never>
  const events: Partial<LinkHostEvents> = {
    rtcSignal: (_, signal) => void setImmediate(told, signal),
    linkOpened: (of, channel) => void heard.emit(`opened ${of}`, channel),
    rtcPaired: (of, pair) => void heard.emit(`paired ${of}`, pair),
    linkMessage: (of, bytes) => void heard.emit(`message ${of}`, bytes),
    linkLost: (of, reason) => void heard.emit(`lost ${of}`, reason),
  }
  host.connect(events as LinkHostEvents)
  host.rtc?.open(link, { isOfferer, iceServers: [], isRelayOnly: false })
  const [opened, paired] = [next('opened'), next('paired')]
  return { host, link, opened, paired, message: next('message'), lost: next('lost') }
}
