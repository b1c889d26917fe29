// A simulated registry with its servers and records: adds honest servers, publishes clients' records at
// their home servers, looks them up from anywhere. What scenarios are written in.

import { contactOf } from '../../shared/dht/contact.ts'
import { Dht } from '../../shared/dht/dht.ts'
import type { DhtParameters } from '../../shared/dht/dht-parameters.ts'
import type { StoreVerdict } from '../../shared/dht/store-verdict.ts'
import type { Identity } from '../../shared/identity/identity.ts'
import type { KeyId } from '../../shared/identity/node-id.ts'
import { publicKeyOf } from '../../shared/identity/node-id.ts'
import type { Time } from '../../shared/machine/machine.ts'
import type { SignedRecord } from '../../shared/wire/record.ts'
import type { RegistryValue } from '../../shared/wire/registry-value.ts'
import { fakeSuite } from '../fake-suite.ts'
import type { Rng } from '../rng.ts'
import type { Answerer, DhtServer } from './dht-server.ts'
import type { DhtWorldOptions } from './dht-world.ts'
import { DhtWorld } from './dht-world.ts'
import { clientRecord, newIdentity, SIM_NET, serverRecord } from './identities.ts'

export interface RegistryNetOptions extends DhtWorldOptions {
  readonly parameters?: Partial<DhtParameters>
}

export interface ServerOptions {
  readonly identity?: Identity
  /** Default: one of its own, as servers of different people have. */
  readonly network?: string
  readonly skewMs?: number
  /** It answers as everybody, and looks nothing up: a crowd of these weighs little. */
  readonly isPassive?: boolean
  /** Instead of an honest machine. */
  readonly answerer?: Answerer
}

/** Something published that must be found again. */
export interface Published {
  readonly identity: Identity
  readonly home: DhtServer
  record: SignedRecord
}

export class RegistryNet {
  readonly world: DhtWorld
  readonly rng: Rng
  readonly records: Published[] = []
  readonly #parameters: Partial<DhtParameters>
  #strangers = 0
  /** Clients whose records have not been stored at others yet. */
  readonly #unstored = new Set<KeyId>()

  constructor(seed: string | number, options: RegistryNetOptions = {}) {
    this.world = new DhtWorld(seed, options)
    this.rng = this.world.rng.fork('registry')
    this.#parameters = options.parameters ?? {}
  }

  addServer(options: ServerOptions = {}): DhtServer {
    const { world } = this
    const number = world.servers.length + 1
    const identity = options.identity ?? newIdentity(this.rng.fork(`server/${number}`))
    const url = `wss://${addressOf(number)}:8443`
    const contact = contactOf(fakeSuite, identity.publicKey, url)
    const server = world.addServer(
      {
        contact,
        record: serverRecord(identity, url, world.unixMs).bytes,
        network: options.network ?? networkOf(number),
        skewMs: options.skewMs ?? 0,
      },
      time => options.answerer ?? this.#newDht(identity.publicKey, options, time),
    )
    server.onEffect = effect => {
      if (effect.kind === 'replicated') this.#unstored.delete(effect.key)
    }
    return server
  }

  /** Living servers that are what they say. */
  get honest(): DhtServer[] {
    return this.world.living.filter(({ isHonest }) => isHonest)
  }

  addServers(count: number, options: ServerOptions = {}): DhtServer[] {
    return Array.from({ length: count }, () => this.addServer(options))
  }

  /** A new client's record at its home server, at this instant. */
  publish(home: DhtServer, identity?: Identity): Published {
    const owner = identity ?? newIdentity(this.rng.fork(`client/${this.records.length}`))
    const published: Published = { identity: owner, home, record: this.#recordOf(owner, home) }
    this.records.push(published)
    this.#unstored.add(owner.keyId)
    this.#offer(published)
    return published
  }

  /** A newer record of a client that has published before. */
  renew(published: Published): void {
    published.record = this.#recordOf(published.identity, published.home)
    this.#offer(published)
  }

  /** Publishes `count` records at random living servers, evenly over the time, and waits for their copies. */
  publishMany(count: number, overMs: number, homes: readonly DhtServer[] = this.honest): void {
    const total = this.records.length + count
    const rng = this.rng.fork(`homes/${total}`)
    for (let at = 0; at < count; at += 1) {
      this.world.after((overMs * at) / count, () => this.publish(rng.pick(homes)))
    }
    const areStored = () => this.records.length >= total && this.#unstored.size === 0
    if (!this.world.runUntil(areStored, overMs + 60_000)) {
      throw new Error(`${this.#unstored.size} records were not stored.`)
    }
  }

  /** How many living servers keep the newest value of each record, in the order of `records`. */
  copyCounts(): number[] {
    const { honest } = this
    return this.records.map(published => this.holdersOf(published, honest).length)
  }

  holdersOf(published: Published, servers: readonly DhtServer[] = this.honest): DhtServer[] {
    const { keyId } = published.identity
    return servers.filter(({ dht, time }) => isNewest(published, dht.findNow(time, keyId)))
  }

  /** A new client whose clock shows `unixMs` publishes its first record. */
  offerStranger(home: DhtServer, unixMs: number): StoreVerdict {
    const owner = newIdentity(this.rng.fork(`stranger/${this.#strangers}`))
    this.#strangers += 1
    const { bytes } = clientRecord(owner, { unixMs, servers: [publicKeyOf(home.contact.key)] })
    let verdict: StoreVerdict = 'known'
    home.tell((dht, time) => {
      verdict = dht.offer(time, bytes, 'record', { isHome: true, source: owner.keyId })
    })
    return verdict
  }

  /** A server with an empty table is told of others and looks around. */
  join(server: DhtServer, seeds: readonly DhtServer[]): void {
    server.tell((dht, time) => {
      dht.hint(
        time,
        seeds.map(({ contact }) => contact),
      )
      dht.bootstrap(time)
    })
    this.publishOwn(server)
  }

  /** A server's own record goes into the registry like everybody's. */
  publishOwn(server: DhtServer): void {
    const offer = { isHome: true, source: server.contact.key }
    server.tell((dht, time) => dht.offer(time, server.record, 'record', offer))
  }

  #recordOf(owner: Identity, home: DhtServer): SignedRecord {
    return clientRecord(owner, {
      unixMs: this.world.unixMs,
      servers: [publicKeyOf(home.contact.key)],
    })
  }

  #offer({ identity, home, record }: Published): void {
    home.tell((dht, time) =>
      dht.offer(time, record.bytes, 'record', { isHome: true, source: identity.keyId }),
    )
  }

  #newDht(publicKey: Uint8Array, { isPassive = false }: ServerOptions, time: Time): Dht {
    const rng = this.world.rng.fork(`dht/${this.world.servers.length + 1}`)
    const passive = isPassive ? { lookupDeadlineMs: 0 } : {}
    return new Dht(
      {
        suite: fakeSuite,
        random: length => rng.bytes(length),
        net: SIM_NET,
        publicKey,
        parameters: { ...this.#parameters, ...passive },
      },
      time,
    )
  }
}

/** Whether a value is the newest that was published under its key. */
export function isNewest({ record }: Published, value: RegistryValue | undefined): boolean {
  return value?.kind === 'record' && value.signed.record.seq === record.record.seq
}

/** Addresses that are nobody's (RFC 6890 would run out): ten, then the number. */
function addressOf(number: number): string {
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
}

/** The /24 of a server that shares it with no other. */
function networkOf(number: number): string {
  return `100.${(number >> 8) & 255}.${number & 255}.0/24`
}
