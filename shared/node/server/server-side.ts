// What a server node does for those that attach to it, and among servers: a dispatcher between its parts.
// Requests go to server-methods.ts, what the registry and other servers say to whoever waits for it.

import type { QueryId } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkPeer } from '../../link/link.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import type { FrameType } from '../../wire/frame-type.ts'
import { FRAME } from '../../wire/frame-type.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { ServerEndpoint } from '../../wire/record.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { ClosedLink } from '../homes/attachments.ts'
import type { NetworkName } from '../host.ts'
import type { RequestId } from '../inputs.ts'
import type { OwnRecord } from '../registry/own-record.ts'
import { Attendance } from './attendance.ts'
import { Finds } from './finds.ts'
import type { NetworkView } from './joining.ts'
import type { OpenLink } from './open-link.ts'
import { isAttached } from './open-link.ts'
import { OwnAnnouncement } from './own-announcement.ts'
import { presencePush, quotaPush, recordPush } from './pushes.ts'
import { RpcServer } from './rpc-server.ts'
import { ServerMesh } from './server-mesh.ts'
import type { ServerMeshEffect } from './server-mesh-types.ts'
import type { Caller } from './server-methods.ts'
import { ServerMethods } from './server-methods.ts'
import type { ServerSideConfig, ServerSideEffect } from './server-side-types.ts'
import { Watching } from './watching.ts'
import { sampleSize, welcomeOf } from './welcome.ts'

export class ServerSide {
  readonly #config: ServerSideConfig
  readonly #ownRecord: OwnRecord
  readonly #mesh: ServerMesh
  readonly #announcement: OwnAnnouncement
  readonly #attendance = new Attendance()
  readonly #finds: Finds
  readonly #watching: Watching
  readonly #methods: ServerMethods
  readonly #rpc: RpcServer
  readonly #links = new Map<LinkId, OpenLink>()
  readonly #effects = new EffectQueue<ServerSideEffect>()
  readonly #ownLookups = new Map<QueryId, RequestId>()
  /** Whose request is being answered: it knows what it says itself. */
  #speaker: LinkId | undefined
  #isStopped = false

  /** @throws RangeError when there are more endpoints, or longer ones, than a record holds */
  constructor(config: ServerSideConfig, ownRecord: OwnRecord, time: Time) {
    const { publicKey } = ownRecord
    const isServer = (link: LinkId): boolean => this.#links.get(link)?.peer.type === 'server'
    this.#config = config
    this.#ownRecord = ownRecord
    const networkOf = (link: LinkId): NetworkName | undefined => this.#links.get(link)?.network
    this.#mesh = new ServerMesh({ ...config, networkOf }, ownRecord, time)
    this.#announcement = new OwnAnnouncement(ownRecord, this.#mesh.dht)
    this.#finds = new Finds(this.#mesh, ownRecord, this.#attendance)
    const watched = { ...config, publicKey, isServer }
    this.#watching = new Watching(watched, this.#mesh, this.#attendance, time)
    const asked = { mesh: this.#mesh, finds: this.#finds, watching: this.#watching }
    this.#methods = new ServerMethods({ ...config, ...asked, publicKey })
    this.#rpc = new RpcServer(this.#methods)
    // Too much for a record is the caller's mistake, and shows here.
    ownRecord.take(time)
  }

  get records(): number {
    return this.#mesh.dht.size.records
  }

  get network(): NetworkView {
    return this.#mesh.view
  }

  restore(time: Time, saved: Iterable<readonly [key: string, value: Uint8Array]>): void {
    for (const [key, value] of saved) this.#mesh.dht.restore(time, key, value)
    this.#drain(time)
  }

  start(time: Time): void {
    this.#mesh.start(time)
    this.#announcement.start(time)
    this.#drain(time)
  }

  /** Where this server listens is known now. @throws RangeError when it is more than a record holds */
  setEndpoints(time: Time, endpoints: readonly ServerEndpoint[]): void {
    this.#ownRecord.setEndpoints(endpoints)
    this.#ownRecord.take(time)
  }

  /** For a peer that has just logged in. */
  welcome({ publicKey, type }: LinkPeer, time: Time): Welcome {
    const sample = this.#mesh.sample(publicKey, sampleSize(type))
    return welcomeOf(time, this.#config, this.#ownRecord.take(time).bytes, sample)
  }

  /** Judges a peer that has proven its key. */
  admit(time: Time, { keyId }: LinkPeer): 'revoked' | undefined {
    return this.#mesh.dht.findNow(time, keyId)?.kind === 'revocation' ? 'revoked' : undefined
  }

  /** Whether we have reached that server ourselves. */
  isProven(server: KeyId): boolean {
    return this.#mesh.isProven(server)
  }

  /** The parent dials as asked, and this is the link. */
  dialing(dial: number, link: LinkId): void {
    this.#mesh.dialing(dial, link)
  }

  /** @param welcome what the peer told us, if it was us who dialed */
  linkOpened(
    time: Time,
    link: LinkId,
    peer: LinkPeer,
    welcome: Welcome | undefined,
    network: NetworkName | undefined,
  ): void {
    this.#links.set(link, { peer, network, isInitiator: welcome !== undefined })
    if (welcome !== undefined) this.#mesh.linkOpened(time, link, peer, welcome, network)
    else if (peer.type === 'server') this.#mesh.linkAccepted(time, link, peer.keyId)
    else {
      this.#mesh.dht.attached(peer.keyId)
      if (this.#attendance.came(peer.keyId)) this.#watching.attendanceChanged(peer.keyId, true)
    }
    this.#drain(time)
  }

  linkClosed(time: Time, link: LinkId, closed: ClosedLink): void {
    if (this.#isStopped) return
    this.#mesh.linkClosed(time, link, closed)
    const open = this.#links.get(link)
    if (open === undefined) {
      this.#drain(time)
      return
    }
    this.#links.delete(link)
    this.#finds.linkClosed(link)
    const { keyId, type } = open.peer
    this.#methods.linkClosed(link, keyId)
    this.#watching.linkClosed(time, link, type === 'server' ? keyId : undefined)
    if (isAttached(open)) {
      this.#attendance.left(time, keyId)
      this.#mesh.dht.detached(keyId)
    }
    this.#drain(time)
  }

  /** Nothing follows: whatever ends now is not mended. */
  stop(): void {
    this.#isStopped = true
  }

  frame(time: Time, link: LinkId, type: FrameType, bytes: Uint8Array): void {
    const open = this.#links.get(link)
    if (open === undefined) return
    this.#speaker = link
    if (type === FRAME.request) this.#request(time, link, open, bytes)
    else if (type === FRAME.response) this.#mesh.response(time, link, bytes)
    else this.#watching.pushed(time, link, open.peer.keyId, bytes)
    this.#drain(time)
    this.#speaker = undefined
  }

  /** For this server's own application: asks the whole registry. Ends in `lookedUp`. */
  lookup(time: Time, request: RequestId, key: KeyId): void {
    this.#ownLookups.set(this.#mesh.dht.find(time, key), request)
    this.#drain(time)
  }

  /** A circuit is to go on to that key, to which there is no link. Ends in a link, or in `noLink`. */
  reach(time: Time, key: KeyId): void {
    this.#mesh.reach(time, key)
    this.#drain(time)
  }

  /** A server on our own network. */
  learnNeighbour(time: Time, url: ServerUrl, key: KeyId): void {
    this.#mesh.learnNeighbour(time, url, key)
    this.#drain(time)
  }

  /** A neighbour ran into a limit of the router. */
  quota(link: LinkId, limit: string, retryAfterMs: number): void {
    this.#effects.push({ kind: 'sendFrame', link, bytes: quotaPush(limit, retryAfterMs) })
  }

  storageChanged(time: Time, isWorking: boolean): void {
    this.#mesh.dht.storageChanged(isWorking)
    this.#drain(time)
  }

  timeout(time: Time): void {
    this.#mesh.timeout(time)
    this.#watching.timeout(time)
    for (const key of this.#attendance.timeout(time)) this.#watching.attendanceChanged(key, false)
    this.#ownRecord.timeout(time)
    this.#tellOwn(this.#announcement.renew(time))
    this.#drain(time)
  }

  poll(): ServerSideEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    return earliest(
      this.#ownRecord.nextTimeout(),
      this.#mesh.nextTimeout(),
      this.#watching.nextTimeout(),
      this.#attendance.nextTimeout(),
    )
  }

  #request(time: Time, link: LinkId, { peer, network }: OpenLink, frame: Uint8Array): void {
    const { keyId: key, type } = peer
    const isProven = type === 'server' && this.#mesh.isProven(key)
    this.#mesh.used(time, link)
    const caller: Caller = { link, key, type, isProven, network }
    const outcome = this.#rpc.answer(time, caller, frame)
    if (outcome.kind === 'malformed') this.#effects.push({ kind: 'misbehaved', link })
    else if (outcome.kind === 'response') {
      this.#effects.push({ kind: 'sendFrame', link, bytes: outcome.bytes })
    }
  }

  /** A new record of ours: those attached build their next circuits with it. */
  #tellOwn(record: Uint8Array | undefined): void {
    if (record === undefined) return
    const bytes = recordPush(record)
    for (const [link, open] of this.#links) {
      if (isAttached(open)) this.#effects.push({ kind: 'sendFrame', link, bytes })
    }
  }

  /** Answers lead to new work and the other way round, so the parts are drained until all are quiet. */
  #drain(time: Time): void {
    for (;;) {
      this.#mesh.drain(time)
      const mesh = this.#mesh.poll()
      const watching = this.#watching.poll()
      if (mesh !== undefined) this.#onMesh(time, mesh)
      if (watching !== undefined) this.#effects.push(watching)
      if (mesh === undefined && watching === undefined) return
    }
  }

  #onMesh(time: Time, effect: ServerMeshEffect): void {
    switch (effect.kind) {
      case 'found': {
        const { query, value, isFinal } = effect
        const answer = this.#finds.found(time, query, value, isFinal)
        if (answer !== undefined) {
          this.#effects.push({ kind: 'sendFrame', ...answer })
          this.#methods.found(answer.link, value)
        }
        if (isFinal) this.#watching.found(time, query, value)
        const request = isFinal ? this.#ownLookups.get(query) : undefined
        if (request === undefined) return
        this.#ownLookups.delete(query)
        this.#effects.push({ kind: 'lookedUp', request, value })
        return
      }
      case 'answered':
        if (effect.owner.kind === 'relays') this.#methods.toldRelays(time, effect.body)
        else this.#watching.watched(time, effect.owner.key, effect.owner.server, effect.body)
        return
      case 'changed':
      case 'revoked':
        this.#changed(time, effect.key, effect.value)
        return
      case 'foundServices':
        return
      default:
        this.#effects.push(effect)
    }
  }

  /** A newer value is kept here. Its own node hears of it too: of another life of it, or that it is revoked. */
  #changed(time: Time, key: KeyId, value: RegistryValue): void {
    this.#watching.changed(time, key, value)
    this.#tellOwn(this.#announcement.outdo(time, key, value))
    const bytes = presencePush(key, { value })
    for (const link of this.#config.linksOf(key)) {
      if (link !== this.#speaker) this.#effects.push({ kind: 'sendFrame', link, bytes })
      if (value.kind === 'revocation') {
        this.#effects.push({ kind: 'close', link, reason: 'revoked' })
      }
    }
  }
}
