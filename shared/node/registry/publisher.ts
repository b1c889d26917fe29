// Keeps every open server in possession of our newest record (docs/PROTOCOL.md 2.3): publishes it when it
// changes and when its time comes, goes above a sequence number that a registry already knows, and asks a
// server that refused again later and later. What one server claims costs work with that server only; that our
// key is revoked must be proven.

import type { CborMap } from '../../bytes/cbor.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import {
  MAX_SEQUENCE_RAISES,
  PUBLISH_RETRY_MAX_MS,
  RECORD_MAX_SERVERS,
  RPC_TIMEOUT_MS,
} from '../../wire/limits.ts'
import { findBody, readFindAnswer, recordBody } from '../../wire/registry-bodies.ts'
import type { Revocation } from '../../wire/revocation.ts'
import type { Attachments } from '../homes/attachments.ts'
import type { HomeRequest } from '../homes/home-request.ts'
import type { Failure } from '../mesh-error.ts'
import { failureOfOwnRevocation } from '../peer-failure.ts'
import type { OwnRecord } from './own-record.ts'
import type { RpcAnswer, RpcClient } from './rpc-client.ts'
import { failureOfRefusedValue } from './server-refusal.ts'

/** What became of our record at one open server. */
interface Publication {
  /** Of the record last sent and not refused. */
  sentSeq: number | undefined
  /** Refusals in a row. */
  failures: number
  /** How often we went above what this server claims to know, since it last took a record. */
  raises: number
  retryAt: number
}

export class Publisher {
  readonly #ownRecord: OwnRecord
  readonly #rpc: RpcClient<HomeRequest>
  readonly #attachments: Attachments
  readonly #publications = new Map<LinkId, Publication>()

  constructor(ownRecord: OwnRecord, rpc: RpcClient<HomeRequest>, attachments: Attachments) {
    this.#ownRecord = ownRecord
    this.#rpc = rpc
    this.#attachments = attachments
  }

  /** The set of open servers changed, or the record is due: sends it to each server that has not got it. */
  publish(time: Time): void {
    const open = this.#attachments.open()
    const nearest = [...new Set(open.map(({ key }) => key))].slice(0, RECORD_MAX_SERVERS)
    // In an order of its own: the round-trip times that order `open` must not make new records.
    this.#ownRecord.setServers(nearest.sort().map(publicKeyOf))
    if (open.length === 0) return
    const { record, bytes } = this.#ownRecord.take(time)
    for (const { link } of open) {
      const publication = this.#publicationOf(link)
      if (publication.sentSeq === record.seq || time.now < publication.retryAt) continue
      publication.sentSeq = record.seq
      this.#rpc.request(time, link, 'publish', recordBody(bytes), { kind: 'publish' })
    }
  }

  linkClosed(time: Time, link: LinkId): void {
    if (this.#publications.delete(link)) this.publish(time)
  }

  onAnswer(time: Time, link: LinkId, owner: HomeRequest, answer: RpcAnswer): void {
    const publication = this.#publications.get(link)
    if (publication === undefined) return
    if (owner.kind === 'ownSequence') this.#onShown(time, link, publication, answer)
    else if (answer.kind === 'ok') this.#published(link, publication)
    else if (answer.kind === 'noAnswer') this.#failed(time, link, publication, NO_ANSWER)
    else if (isContradiction(answer) && publication.raises < MAX_SEQUENCE_RAISES) {
      publication.raises += 1
      const body = findBody(this.#ownRecord.publicKey)
      this.#rpc.request(time, link, 'find', body, { kind: 'ownSequence' })
    } else this.#failed(time, link, publication, failureOfRefusedValue(answer, NOT_KEPT))
  }

  timeout(time: Time): void {
    if (this.#ownRecord.timeout(time) || time.now >= this.#nextRetry()) this.publish(time)
  }

  nextTimeout(): number | undefined {
    if (!this.#attachments.hasOpen) return undefined
    return Math.min(this.#nextRetry(), this.#ownRecord.nextTimeout())
  }

  #publicationOf(link: LinkId): Publication {
    const known = this.#publications.get(link)
    if (known !== undefined) return known
    const publication = { sentSeq: undefined, failures: 0, raises: 0, retryAt: 0 }
    this.#publications.set(link, publication)
    return publication
  }

  #published(link: LinkId, publication: Publication): void {
    publication.failures = 0
    publication.raises = 0
    this.#attachments.published(link, undefined)
  }

  /** The next publish after a pause sends the record to this server again. */
  #failed(time: Time, link: LinkId, publication: Publication, failure: Failure): void {
    publication.sentSeq = undefined
    const pauseMs = Math.min(RPC_TIMEOUT_MS * 2 ** publication.failures, PUBLISH_RETRY_MAX_MS)
    publication.failures += 1
    publication.retryAt = time.now + pauseMs
    this.#attachments.published(link, failure)
  }

  /** What contradicts our record: a newer one, from another life or a clock that was ahead, or the key's end. */
  #onShown(time: Time, link: LinkId, publication: Publication, answer: RpcAnswer): void {
    const shown = answer.kind === 'ok' ? this.#judge(time, answer.body) : 'nothing'
    if (shown === 'newer') this.publish(time)
    else if (shown !== 'nothing') this.#attachments.giveUp(failureOfOwnRevocation(shown.successor))
    else this.#failed(time, link, publication, UNPROVEN)
  }

  #judge(time: Time, body: CborMap): 'newer' | 'nothing' | Revocation {
    const judged = tryDecode(() => {
      const { value } = readFindAnswer(body)
      if (value === undefined) return 'nothing'
      if (value.kind === 'revocation') return this.#ownRecord.revokedBy(time, value.bytes)
      return this.#ownRecord.goAbove(time, value.bytes) ? 'newer' : 'nothing'
    })
    return judged ?? 'nothing'
  }

  #nextRetry(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { sentSeq, retryAt } of this.#publications.values()) {
      if (sentSeq === undefined && retryAt < next) next = retryAt
    }
    return next
  }
}

const NO_ANSWER: Failure = { code: 'TIMEOUT', message: 'The server did not answer in time.' }
const UNPROVEN: Failure = {
  code: 'REFUSED',
  message: 'The server refuses our record for a newer word of ours that it does not show.',
}
const NOT_KEPT = 'The server does not keep our record, so others cannot find us there'

/** The server knows something of our key that rules our record out. */
function isContradiction({ code }: Extract<RpcAnswer, { kind: 'error' }>): boolean {
  return code === 'SEQ_TOO_LOW' || code === 'SEQ_REUSED' || code === 'REVOKED'
}
