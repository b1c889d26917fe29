// Servers that misbehave together. A ring of sybils passes its login and every liveness check, names only
// its own members, claims to keep nothing, and says yes to every store that it then forgets.

import type { CborMap } from '../../shared/bytes/cbor.ts'
import { DecodeError } from '../../shared/bytes/decode-error.ts'
import type { Contact } from '../../shared/dht/contact.ts'
import { compareDistance } from '../../shared/dht/distance.ts'
import { dhtIdOf, publicKeyOf } from '../../shared/identity/node-id.ts'
import type { Time } from '../../shared/machine/machine.ts'
import {
  findNodeAnswer,
  findRecordAnswer,
  readFindNodeBody,
  readFindRecordBody,
} from '../../shared/wire/dht-bodies.ts'
import type { ValueBytes } from '../../shared/wire/registry-value.ts'
import { fakeSuite } from '../fake-suite.ts'
import type { Answerer, Asker, RpcReply } from './dht-server.ts'

const CONTACTS_PER_ANSWER = 20

export class SybilRing implements Answerer {
  readonly members: Contact[] = []
  /** What it shows to whoever asks for a record: nothing, or something old. */
  value: ValueBytes | undefined

  request(_time: Time, _from: Asker, method: string, body: CborMap): RpcReply {
    try {
      return { kind: 'ok', body: this.#answer(method, body) }
    } catch (error) {
      if (error instanceof DecodeError) return { kind: 'error', code: 'BAD_REQUEST', hint: '' }
      throw error
    }
  }

  #answer(method: string, body: CborMap): CborMap {
    if (method === 'findNode') return findNodeAnswer(this.#near(readFindNodeBody(body)))
    if (method !== 'findRecord') return new Map()
    const target = dhtIdOf(fakeSuite, readFindRecordBody(body).key)
    return findRecordAnswer(this.#near(target), this.value)
  }

  #near(target: Uint8Array) {
    const nearest: Contact[] = []
    for (const member of this.members) {
      const farthest = nearest[CONTACTS_PER_ANSWER - 1]
      if (farthest !== undefined && compareDistance(target, member.id, farthest.id) >= 0) continue
      const place = nearest.findIndex(one => compareDistance(target, member.id, one.id) < 0)
      nearest.splice(place < 0 ? nearest.length : place, 0, member)
      nearest.length = Math.min(nearest.length, CONTACTS_PER_ANSWER)
    }
    return nearest.map(({ key, url }) => ({ key: publicKeyOf(key), url }))
  }
}
