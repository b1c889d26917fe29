// Keeps every open server in possession of our newest record (docs/PROTOCOL.md 2.3): publishes it when it
// changes and when its time comes, and goes above a sequence number that a registry already knows.

import { DecodeError } from '../bytes/decode-error.ts'
import type { LinkId } from '../link/link-id.ts'
import { earliest } from '../machine/earliest.ts'
import type { Time } from '../machine/machine.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import { MAX_SEQUENCE_RAISES, RPC_TIMEOUT_MS } from '../wire/limits.ts'
import { findBody, readFoundBody, recordBody } from '../wire/registry-bodies.ts'
import type { Attachments } from './attachments.ts'
import type { Failure } from './mesh-error.ts'
import type { OwnRecord } from './own-record.ts'
import type { RpcAnswer, RpcClient, RpcOwner } from './rpc-client.ts'

export class Publisher {
  readonly #ownRecord: OwnRecord
  readonly #rpc: RpcClient
  readonly #attachments: Attachments
  /** The sequence number last sent over each open link. */
  readonly #sent = new Map<LinkId, number>()
  #raises = 0
  #retryAt: number | undefined

  constructor(ownRecord: OwnRecord, rpc: RpcClient, attachments: Attachments) {
    this.#ownRecord = ownRecord
    this.#rpc = rpc
    this.#attachments = attachments
  }

  /** The set of open servers changed, or the record is due: sends it to each server that has not got it. */
  publish(time: Time): void {
    const open = this.#attachments.open()
    // In an order of its own: the round-trip times that order `open` must not make new records.
    this.#ownRecord.setServers(open.map(({ key }) => key).sort().map(publicKeyOf))
    if (open.length === 0) return
    const { record, bytes } = this.#ownRecord.take(time)
    for (const { link } of open) {
      if (this.#sent.get(link) === record.seq) continue
      this.#sent.set(link, record.seq)
      this.#rpc.request(time, link, 'publish', recordBody(bytes), { kind: 'publish' })
    }
  }

  linkClosed(time: Time, link: LinkId): void {
    this.#sent.delete(link)
    this.publish(time)
  }

  onAnswer(time: Time, link: LinkId, owner: RpcOwner, answer: RpcAnswer): void {
    if (owner.kind === 'ownSequence') this.#raise(time, answer)
    else if (answer.kind === 'ok') this.#published(link)
    else if (answer.kind === 'noAnswer') this.#failed(time, link, NO_ANSWER)
    else if (isSequenceError(answer) && this.#raises < MAX_SEQUENCE_RAISES) this.#ask(time, link)
    else this.#failed(time, link, failureOf(answer))
  }

  timeout(time: Time): void {
    const isRetry = this.#retryAt !== undefined && time.now >= this.#retryAt
    if (isRetry) this.#retryAt = undefined
    if (this.#ownRecord.timeout(time) || isRetry) this.publish(time)
  }

  nextTimeout(): number | undefined {
    if (this.#attachments.open().length === 0) return undefined
    return earliest(this.#retryAt, this.#ownRecord.nextTimeout())
  }

  #published(link: LinkId): void {
    this.#raises = 0
    this.#attachments.published(link, undefined)
  }

  /** The next publish sends the record to this server again. */
  #failed(time: Time, link: LinkId, failure: Failure): void {
    if (!this.#sent.delete(link)) return
    this.#retryAt = time.now + RPC_TIMEOUT_MS
    this.#attachments.published(link, failure)
  }

  /** A newer record of ours is kept, from another life or from a clock that was ahead: which one? */
  #ask(time: Time, link: LinkId): void {
    this.#raises += 1
    const body = findBody(this.#ownRecord.publicKey)
    this.#rpc.request(time, link, 'find', body, { kind: 'ownSequence' })
  }

  #raise(time: Time, answer: RpcAnswer): void {
    if (answer.kind !== 'ok') return
    try {
      const bytes = readFoundBody(answer.body)
      if (bytes !== undefined) this.#ownRecord.goAbove(time, bytes)
      this.publish(time)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
    }
  }
}

const NO_ANSWER: Failure = { code: 'TIMEOUT', message: 'The server did not answer in time.' }

type ErrorAnswer = Extract<RpcAnswer, { kind: 'error' }>

function isSequenceError({ code }: ErrorAnswer): boolean {
  return code === 'SEQ_TOO_LOW' || code === 'SEQ_REUSED'
}

function failureOf({ code, hint }: ErrorAnswer): Failure {
  const detail = hint === undefined ? '' : ` (${hint})`
  const message = `The server does not keep our record, so others cannot find us there${detail}.`
  if (code === 'QUOTA' || code === 'BUSY') return { code: 'QUOTA', message }
  return { code: code === 'STORAGE' ? 'STORAGE' : 'REFUSED', message }
}
