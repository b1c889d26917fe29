// A LAN machine under test with its clock in hand, and beacons of others to tell it of. For tests.

import { nodeSuite } from '../../../../host/node/node-suite.ts'
import type { CryptoSuite } from '../../../crypto/suite.ts'
import type { Identity } from '../../../identity/identity.ts'
import { keyIdOf } from '../../../identity/node-id.ts'
import { identityOf } from '../../../identity/testing/numbered-identity.ts'
import { seededRandom } from '../../../link/testing/seeded-random.ts'
import type { Beacon } from '../../../wire/beacon.ts'
import { signBeacon } from '../../../wire/beacon.ts'
import type { SignedRecord } from '../../../wire/record.ts'
import { signRecord } from '../../../wire/record.ts'
import { client, filled, NOW, server } from '../../../wire/testing/record-fixtures.ts'
import type { HeardDatagram, LanEffect, Neighbour } from '../lan.ts'
import { Lan } from '../lan.ts'

export { identityOf } from '../../../identity/testing/numbered-identity.ts'

export const NET = filled(16, 0xaa)
export const PORT = 4_000

/** How many signatures were checked. */
export class CountingSuite {
  checks = 0
  readonly suite: CryptoSuite = {
    ...nodeSuite,
    verify: (key, message, signature) => {
      this.checks += 1
      return nodeSuite.verify(key, message, signature)
    },
  }
}

export function recordOf(identity: Identity, type: 'client' | 'server', seq = NOW): SignedRecord {
  return signRecord(nodeSuite, identity, { ...(type === 'client' ? client : server), seq })
}

export function beaconOf(identity: Identity, fields: Partial<Beacon> = {}): Uint8Array {
  return signBeacon(nodeSuite, identity, {
    net: NET,
    type: 'client',
    port: PORT,
    atMs: NOW,
    ...fields,
  })
}

export class LanEar {
  readonly counting = new CountingSuite()
  readonly identity = identityOf(1_000_000)
  readonly effects: LanEffect[] = []
  readonly lan: Lan
  now = 1_000
  unixMs = NOW
  record: SignedRecord

  constructor(seed = 1) {
    this.record = recordOf(this.identity, 'client')
    this.lan = new Lan(
      {
        suite: this.counting.suite,
        random: seededRandom(seed),
        identity: this.identity,
        type: 'client',
        net: NET,
        record: () => this.record,
      },
      this.time,
    )
  }

  get time(): { now: number; unixMs: number } {
    return { now: this.now, unixMs: this.unixMs }
  }

  start(port: number | undefined = PORT): void {
    this.lan.start(this.time, port)
    this.drain()
  }

  hear(bytes: Uint8Array, address = '192.168.1.7', zone?: string): LanEffect[] {
    const datagram: HeardDatagram = { bytes, address, ...(zone !== undefined && { zone }) }
    this.lan.heard(this.time, datagram)
    return this.drain()
  }

  /** Lets time pass, with a timeout whenever one is due. */
  pass(ms: number): LanEffect[] {
    const end = this.now + ms
    const effects: LanEffect[] = []
    for (;;) {
      const next = this.lan.nextTimeout()
      if (next === undefined || next > end) break
      this.#moveTo(Math.max(next, this.now))
      this.lan.timeout(this.time)
      effects.push(...this.drain())
    }
    this.#moveTo(end)
    return effects
  }

  urlOf(identity: Identity): string | undefined {
    return urlOf(this.lan.neighbour(keyIdOf(identity.publicKey)))
  }

  drain(): LanEffect[] {
    const effects: LanEffect[] = []
    for (let effect = this.lan.poll(); effect !== undefined; effect = this.lan.poll()) {
      effects.push(effect)
    }
    this.effects.push(...effects)
    return effects
  }

  #moveTo(now: number): void {
    this.unixMs += now - this.now
    this.now = now
  }
}

export function urlOf(neighbour: Neighbour | undefined): string | undefined {
  if (neighbour === undefined) return undefined
  const { host, zone, port } = neighbour.url
  return `${host}${zone === undefined ? '' : `%${zone}`}:${port}`
}

export function kindsOf(effects: readonly LanEffect[]): string[] {
  return effects.map(({ kind }) => kind)
}
