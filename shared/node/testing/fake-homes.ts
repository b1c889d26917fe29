// A client's HomeServers without a network, for tests: the test opens links, sees what is asked over them,
// and answers in the place of the servers.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { CborMap } from '../../bytes/cbor.ts'
import type { Identity } from '../../identity/identity.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import type { Time } from '../../machine/machine.ts'
import type { CloseReason } from '../../wire/close-code.ts'
import { FRAME } from '../../wire/frame-type.ts'
import type { FindAnswer, Presence } from '../../wire/registry-bodies.ts'
import { EMPTY_BODY, findAnswer, presenceBody } from '../../wire/registry-bodies.ts'
import type { RpcErrorCode } from '../../wire/rpc-messages.ts'
import { decodeRequest, encodePush, encodeResponse } from '../../wire/rpc-messages.ts'
import { parseServerUrl } from '../address/server-url.ts'
import type { HomeServersConfig, HomeServersEffect } from '../homes/home-servers.ts'
import { HomeServers } from '../homes/home-servers.ts'
import { OwnRecord } from '../registry/own-record.ts'
import { identityOf, NET, recordOf } from './records.ts'
import { START_UNIX_MS } from './start-time.ts'

export interface Asked {
  readonly link: LinkId
  readonly id: number
  readonly method: string
  readonly body: CborMap
}

type SentFrame = Extract<HomeServersEffect, { kind: 'sendFrame' }>

export class FakeHomes {
  now = 1_000
  readonly own = identityOf(1)
  readonly homes: HomeServers
  /** Everything but frames, oldest first. */
  readonly told: HomeServersEffect[] = []
  #asked: Asked[] = []

  constructor(servers: readonly string[], discovery?: HomeServersConfig['discovery']) {
    const random = seededRandom(1)
    const own = { suite: nodeSuite, random, identity: this.own, net: NET, endpoints: [] } as const
    const record = new OwnRecord({ ...own, type: 'client', isRelay: false }, this.time)
    const urls = servers.map(parseServerUrl)
    this.homes = new HomeServers(
      { suite: nodeSuite, random, net: NET, servers: urls, discovery },
      record,
    )
    this.homes.start()
  }

  get time(): Time {
    return { now: this.now, unixMs: START_UNIX_MS + this.now }
  }

  /** Requests since the last call. */
  asked(method?: string): Asked[] {
    this.#drain()
    const all = this.#asked
    this.#asked = []
    return method === undefined ? all : all.filter(one => one.method === method)
  }

  /** @throws Error unless there was exactly one request since the last call */
  only(): Asked {
    const [one, ...rest] = this.asked()
    if (one === undefined || rest.length > 0) throw new Error(`${rest.length} too many, or none`)
    return one
  }

  /** What was told of one kind. */
  of<Kind extends HomeServersEffect['kind']>(
    kind: Kind,
  ): Extract<HomeServersEffect, { kind: Kind }>[] {
    this.#drain()
    return this.told.filter(
      (one): one is Extract<HomeServersEffect, { kind: Kind }> => one.kind === kind,
    )
  }

  /** The server of the attachment `index` takes us. */
  open(
    index: number,
    link: LinkId,
    identity: Identity,
    sample: readonly Uint8Array[] = [],
    record: Uint8Array | undefined = recordOf(identity, { type: 'server' }).bytes,
    stunPort?: number,
  ): void {
    const { publicKey, keyId } = identity
    this.homes.dialing(index, link)
    this.homes.linkOpened(
      this.time,
      link,
      { publicKey, keyId, type: 'server', version: 1 },
      {
        keepaliveMs: 10_000,
        timeMs: START_UNIX_MS,
        limits: { maxMessageBytes: 65_536 },
        addressClass: 'unknown',
        ...(record !== undefined && { record }),
        sample,
        ...(stunPort !== undefined && { stunPort }),
      },
    )
  }

  close(link: LinkId, reason: CloseReason = 'unreachable'): void {
    this.homes.linkClosed(this.time, link, { reason, hint: undefined, retryAfterMs: undefined })
  }

  /** Answers with what `find` and `watch` are answered with. */
  find(asked: Asked, answer: Partial<FindAnswer>): void {
    this.answer(asked, findAnswer({ value: undefined, isFinal: true, servers: [], ...answer }))
  }

  answer({ link, id }: Asked, body: CborMap = EMPTY_BODY): void {
    this.homes.frame(this.time, link, FRAME.response, encodeResponse({ id, body }))
  }

  refuse({ link, id }: Asked, error: RpcErrorCode, hint = 'so it\u0007is'): void {
    this.homes.frame(this.time, link, FRAME.response, encodeResponse({ id, error, hint }))
  }

  push(link: LinkId, presence: Presence): void {
    const bytes = encodePush({ method: 'presence', body: presenceBody(presence) })
    this.homes.frame(this.time, link, FRAME.push, bytes)
  }

  advance(ms: number): void {
    this.now += ms
    this.homes.timeout(this.time)
  }

  #drain(): void {
    for (let effect = this.homes.poll(); effect !== undefined; effect = this.homes.poll()) {
      if (effect.kind === 'sendFrame') this.#asked.push(readRequest(effect))
      else this.told.push(effect)
    }
  }
}

function readRequest({ link, bytes }: SentFrame): Asked {
  return { link, ...decodeRequest(bytes) }
}
