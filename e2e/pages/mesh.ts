// A page with one node of the library, steered through `window.mesh`: it talks, notes what it was shown and which paths
// its words took, and can be cut off from WebRTC for connections to come. Whoever opens it says what becomes of the node.

import type { MeshNode, NodeOptions, Path, Peer } from '../../client/browser.ts'
import { createNode } from '../../client/browser.ts'
import type { RtcCounts } from './rtc-gate.ts'
import { forbidConnections, rtcCounts } from './rtc-gate.ts'
import type { MiddleReport } from './rtc-middle.ts'
import { middleConnection, middleReport } from './rtc-middle.ts'
import { misnamedConnection } from './rtc-misnamed.ts'
import { Talk } from './talk.ts'

export type MeshPageOptions = Pick<NodeOptions, 'servers' | 'relay' | 'webrtc' | 'discoverServers'>

/** Of what its WebRTC connections say and hear: `middle`, rtc-middle.ts; `fingerprint`, rtc-misnamed.ts. */
export type Forgery = 'middle' | 'fingerprint'

/** What an application sees: of which peers it heard, and what they said. */
export interface MeshReport {
  readonly peers: readonly string[]
  readonly shown: readonly (readonly [from: string, text: string])[]
}

export interface LinkSeen {
  readonly key: string
  readonly kind: string
  readonly candidates: string | undefined
}

export interface MeshControl {
  /** @returns its key, attached to all of its servers */
  start(options: MeshPageOptions): Promise<string>
  /** Settles when the text was delivered. */
  send(key: string, text: string): Promise<void>
  /** Begins to write to that key, without a pause. */
  talk(key: string): Promise<void>
  /** Resolves once so many more were delivered. Rejects when one failed. */
  talked(key: string, count: number): Promise<void>
  /** @returns how many were sent: all of them are delivered */
  endTalk(key: string): Promise<number>
  report(): MeshReport
  /** Of the session with that key: in the order in which they came about, the last one in use. */
  paths(key: string): readonly (Path | undefined)[]
  /** Why the path is as it is: nodes on the way of the active route, and how it stands with a direct one. */
  explain(key: string): Promise<{ readonly active: readonly string[] | undefined; direct: string }>
  links(): Promise<readonly LinkSeen[]>
  state(): string
  forbidRtc(isForbidden: boolean): void
  /** From now on. */
  forge(forgery: Forgery): void
  passedOn(): MiddleReport
  rtcCounts(): RtcCounts
  close(): Promise<void>
}

const FORGED = { middle: middleConnection, fingerprint: misnamedConnection } as const

let node: MeshNode | undefined
const shown: [string, string][] = []
const told: string[] = []
const paths = new Map<string, (Path | undefined)[]>()
const talks = new Map<string, Talk>()

const running = (): MeshNode => {
  if (node === undefined) throw new Error('not started')
  return node
}

const watch = (peer: Peer): void => {
  if (paths.has(peer.key)) return
  const seen = [peer.path]
  paths.set(peer.key, seen)
  peer.addEventListener('path', ({ detail }) => void seen.push(detail))
}

const talkWith = (key: string): Talk => {
  const talk = talks.get(key)
  if (talk === undefined) throw new Error(`no talk with ${key}`)
  return talk
}

const mesh: MeshControl = {
  async start(options) {
    const made = await createNode({ identity: 'ephemeral', ...options })
    node = made
    made.addEventListener('peer', ({ detail }) => {
      told.push(detail.key)
      watch(detail)
    })
    made.addEventListener('message', ({ detail }) => {
      shown.push([detail.from, String(detail.data)])
      watch(detail.peer)
    })
    await made.online()
    return made.key
  },
  async send(key, text) {
    watch(await running().dial(key))
    await running().send(key, text)
  },
  async talk(key) {
    watch(await running().dial(key))
    talks.set(key, new Talk(text => running().send(key, text)))
  },
  talked: (key, count) => talkWith(key).delivered(count),
  async endTalk(key) {
    const sent = await talkWith(key).end()
    talks.delete(key)
    return sent
  },
  report: () => ({ peers: told, shown }),
  paths: key => paths.get(key) ?? [],
  async explain(key) {
    const { routes, direct } = await running().explain(key)
    const active = routes.find(({ state }) => state === 'active')
    return {
      active: active?.hops,
      direct: [direct?.state, direct?.reason].filter(word => word !== undefined).join(', '),
    }
  },
  async links() {
    const { links } = await running().stats()
    return links.map(({ key, kind, candidates }) => ({
      key,
      kind,
      candidates: candidates && `${candidates.own} ${candidates.peer} ${candidates.protocol}`,
    }))
  },
  state: () => running().status.state,
  forbidRtc: forbidConnections,
  forge(forgery) {
    globalThis.RTCPeerConnection = FORGED[forgery](RTCPeerConnection)
  },
  passedOn: middleReport,
  rtcCounts,
  close: () => running().close(),
}

Object.assign(window, { mesh })
document.title = 'ready'
