// What we know of the servers with an open link to us: their own records, which circuits start from, the limits
// they told us of, and where they answer STUN.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import { ICE_SERVERS, QUOTA_NOTICE_MS } from '../../wire/limits.ts'
import type { NodeRecord, SignedRecord } from '../../wire/record.ts'
import { decodeRecord, verifyRecord } from '../../wire/record.ts'
import type { QuotaNotice } from '../../wire/registry-bodies.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { currentOnionKey } from '../onion-key-choice.ts'
import type { EntryServer } from '../peers/peer-context.ts'
import type { IceServer } from '../rtc-host.ts'
import type { OpenAttachment } from './attachment.ts'

interface Facts {
  readonly key: KeyId
  record: SignedRecord | undefined
  quota: (QuotaNotice & { readonly toldAt: number }) | undefined
  readonly stunUrl: string | undefined
}

export class ServerFacts {
  readonly #suite: CryptoSuite
  readonly #net: Uint8Array
  readonly #facts = new Map<LinkId, Facts>()

  constructor(suite: CryptoSuite, net: Uint8Array) {
    this.#suite = suite
    this.#net = net
  }

  /** @param stunUrl where it answers STUN, `stun:host:port` */
  opened(link: LinkId, key: KeyId, stunUrl: string | undefined): void {
    this.#facts.set(link, { key, record: undefined, quota: undefined, stunUrl })
  }

  /** @returns whether it was open */
  closed(link: LinkId): boolean {
    return this.#facts.delete(link)
  }

  clear(): void {
    this.#facts.clear()
  }

  keyOf(link: LinkId): KeyId | undefined {
    return this.#facts.get(link)?.key
  }

  /**
   * A server's own record. Without a valid one its link serves requests, but no circuits.
   * @returns it, if it is valid; `isFirst`: circuits can start there from now on
   * @throws DecodeError
   */
  showed(
    time: Time,
    link: LinkId,
    bytes: Uint8Array,
  ): { readonly record: NodeRecord; readonly isFirst: boolean } | undefined {
    const signed = decodeRecord(bytes)
    const facts = this.#facts.get(link)
    if (facts === undefined) return undefined
    const expectedKey = publicKeyOf(facts.key)
    const expectation = { unixMs: time.unixMs, net: this.#net, expectedKey }
    if (verifyRecord(this.#suite, signed, expectation) !== 'valid') return undefined
    const isFirst = facts.record === undefined
    facts.record = signed
    return { record: signed.record, isFirst }
  }

  toldQuota(time: Time, link: LinkId, notice: QuotaNotice): void {
    const facts = this.#facts.get(link)
    if (facts !== undefined) facts.quota = { ...notice, toldAt: time.now }
  }

  /** @param links of servers, best first */
  entries(time: Time, links: readonly LinkId[]): EntryServer[] {
    const entries = new Map<KeyId, EntryServer>()
    for (const link of links) {
      const { key, record } = this.#facts.get(link) ?? {}
      const onionKey = record && currentOnionKey(record.record, time.unixMs)
      if (key === undefined || onionKey === undefined || entries.has(key)) continue
      entries.set(key, { key, hop: { id: publicKeyOf(key), onionKey } })
    }
    return [...entries.values()]
  }

  /** @param open nearest first: those that were configured come before them all */
  iceServers(open: readonly Pick<OpenAttachment, 'link' | 'isLearned'>[]): IceServer[] {
    const own = open.filter(({ isLearned }) => !isLearned)
    const learned = open.filter(({ isLearned }) => isLearned)
    const urls = [...own, ...learned].flatMap(({ link }) => this.#facts.get(link)?.stunUrl ?? [])
    const few = [...new Set(urls)].slice(0, ICE_SERVERS)
    return few.length > 0 ? [{ urls: few }] : []
  }

  /** What this server last said about a limit of ours, if that is still true. */
  quota(time: Time, server: KeyId): QuotaNotice | undefined {
    for (const { key, quota } of this.#facts.values()) {
      if (key !== server || quota === undefined) continue
      const retryAfterMs = Math.max(0, quota.toldAt + quota.retryAfterMs - time.now)
      // Servers tell of a limit only so often: what they said last stands for what they leave out.
      if (retryAfterMs > 0 || time.now < quota.toldAt + QUOTA_NOTICE_MS) {
        return { limit: quota.limit, retryAfterMs }
      }
    }
    return undefined
  }
}

/**
 * At the host that we dialed, whatever the server thinks that it is called (RFC 7064).
 * @returns `undefined` also for a link-local address: such a URL cannot name the interface behind which it is
 */
export function stunUrl({ host, zone }: ServerUrl, port: number | undefined): string | undefined {
  return port === undefined || zone !== undefined ? undefined : `stun:${host}:${port}`
}
