// What neighbours ask of a server of the registry (docs/PROTOCOL.md 4.6), answered at once from what is here:
// contacts that we have reached ourselves, and what is kept. Asks nobody, and trusts the asker for nothing.

import type { CborMap } from '../bytes/cbor.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { WireContact } from '../wire/dht-bodies.ts'
import {
  findNodeAnswer,
  findRecordAnswer,
  findServicesAnswer,
  readFindNodeBody,
  readFindRecordBody,
  readFindServicesBody,
  readStoreRecordBody,
  readStoreServiceBody,
} from '../wire/dht-bodies.ts'
import { EMPTY_BODY } from '../wire/registry-bodies.ts'
import { decodeValue, keyOfValue } from '../wire/registry-value.ts'
import type { DhtMethod } from '../wire/rpc-messages.ts'
import { decodeService, serviceTopic } from '../wire/service.ts'
import type { DhtId, DhtIds } from './contact.ts'
import type { RpcAnswerOut } from './dht-effects.ts'
import type { Nearness } from './nearness.ts'
import type { RecordStore } from './record-store.ts'
import type { Replication } from './replication.ts'
import type { RoutingTable } from './routing-table.ts'
import type { ServiceStore } from './service-store.ts'
import type { StoreVerdict } from './store-verdict.ts'

/** Who asks, as its link proves. */
export interface Asker {
  readonly key: KeyId
  /** The network of its address; `undefined` counts toward no cap. */
  readonly network: string | undefined
}

export interface DhtRequestsConfig {
  readonly suite: CryptoSuite
  readonly ids: DhtIds
  readonly k: number
  readonly table: RoutingTable
  readonly nearness: Nearness
  readonly records: RecordStore
  readonly services: ServiceStore
  readonly replication: Replication
}

type Handler = (time: Time, from: Asker, body: CborMap) => CborMap | StoreVerdict

export class DhtRequests {
  readonly #config: DhtRequestsConfig
  readonly #handlers: Readonly<Record<DhtMethod, Handler>>

  constructor(config: DhtRequestsConfig) {
    this.#config = config
    this.#handlers = {
      findNode: (_, from, body) => findNodeAnswer(this.#near(readFindNodeBody(body), from)),
      findRecord: (time, from, body) => this.#findRecord(time, from, body),
      storeRecord: (time, from, body) => this.#storeRecord(time, from, body),
      findServices: (time, from, body) => this.#findServices(time, from, body),
      storeService: (time, from, body) => this.#storeService(time, from, body),
    }
  }

  /** @returns `undefined` for a method that is none of the registry's */
  answer(time: Time, from: Asker, method: string, body: CborMap): RpcAnswerOut | undefined {
    if (!isDhtMethod(this.#handlers, method)) return undefined
    try {
      const answer = this.#handlers[method](time, from, body)
      if (typeof answer === 'string') return { kind: 'ok', body: EMPTY_BODY }
      if ('error' in answer) return { kind: 'error', code: answer.error, hint: answer.hint }
      return { kind: 'ok', body: answer }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return { kind: 'error', code: 'BAD_REQUEST', hint: error.message }
    }
  }

  #findRecord(time: Time, from: Asker, body: CborMap): CborMap {
    const { key, isRepair } = readFindRecordBody(body)
    const { ids, records, replication } = this.#config
    const keyId = keyIdOf(key)
    if (isRepair) replication.postponed(time.now, keyId)
    return findRecordAnswer(this.#near(ids.of(keyId), from), records.bytes(time, keyId))
  }

  #storeRecord(time: Time, { key: source, network }: Asker, body: CborMap): StoreVerdict {
    const { ids, nearness, records } = this.#config
    const { kind, bytes } = readStoreRecordBody(body)
    const key = keyIdOf(keyOfValue(decodeValue({ kind, bytes })))
    const isNear = nearness.isNear(ids.of(key))
    return records.offer(time, bytes, kind, { isHome: false, isNear, source, network })
  }

  #findServices(time: Time, from: Asker, body: CborMap): CborMap {
    const topic = readFindServicesBody(body)
    return findServicesAnswer(this.#near(topic, from), this.#config.services.get(time, topic))
  }

  #storeService(time: Time, { key, network }: Asker, body: CborMap): StoreVerdict {
    const { suite, nearness, services } = this.#config
    const bytes = readStoreServiceBody(body)
    const isNear = nearness.isNear(serviceTopic(suite, decodeService(bytes).ad.name))
    return services.offer(time, bytes, { isNear, source: key, network })
  }

  /** The nearest that we know to be there. The asker knows itself. */
  #near(target: DhtId, from: Asker): WireContact[] {
    const { k, table } = this.#config
    const nearest = table.closestSure(target, k + 1).filter(({ key }) => key !== from.key)
    return nearest.slice(0, k).map(({ key, url }) => ({ key: publicKeyOf(key), url }))
  }
}

function isDhtMethod(handlers: object, method: string): method is DhtMethod {
  return Object.hasOwn(handlers, method)
}
