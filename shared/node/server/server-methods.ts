// The methods of a server, each in a few lines (docs/PROTOCOL.md 3.6, 4 and 5.2): what those attached ask, and what
// servers ask one another. Who may ask what; the work is done elsewhere.

import type { CborMap } from '../../bytes/cbor.ts'
import { equalBytes } from '../../bytes/equal.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import { WELCOME_CLIENT_SAMPLE } from '../../wire/limits.ts'
import type { NodeType } from '../../wire/record.ts'
import { decodeRecord } from '../../wire/record.ts'
import {
  EMPTY_BODY,
  readFindBody,
  readIsFullFind,
  readRecordBody,
  readRevokeBody,
  serversAnswer,
} from '../../wire/registry-bodies.ts'
import type { RegistryValue, ValueKind } from '../../wire/registry-value.ts'
import { newerOf } from '../../wire/registry-value.ts'
import { relaysAnswer } from '../../wire/relays-body.ts'
import { decodeRevocation } from '../../wire/revocation.ts'
import { readRoutesBody } from '../../wire/route-bodies.ts'
import type { RpcErrorCode, RpcRequest } from '../../wire/rpc-messages.ts'
import type { NetworkName } from '../host.ts'
import type { Finds } from './finds.ts'
import type { RelayClientsConfig } from './relay-clients.ts'
import { RelayClients } from './relay-clients.ts'
import type { RouteAnswersConfig } from './route-answers.ts'
import { RouteAnswers } from './route-answers.ts'
import type { ServerMesh } from './server-mesh.ts'
import type { Watching } from './watching.ts'

/** Whose request it is, over which link. */
export interface Caller {
  readonly link: LinkId
  readonly key: KeyId
  /** As it says itself. */
  readonly type: NodeType
  /** A server that we reached ourselves. */
  readonly isProven: boolean
  readonly network: NetworkName | undefined
}

export type MethodAnswer =
  | { readonly kind: 'ok'; readonly body: CborMap }
  | { readonly kind: 'error'; readonly code: RpcErrorCode; readonly hint: string | undefined }
  | { readonly kind: 'waits' }

const OK: MethodAnswer = { kind: 'ok', body: EMPTY_BODY }
const UNKNOWN = refusal('UNKNOWN_METHOD', 'this node does not know that method')

export interface MethodsConfig extends RouteAnswersConfig, RelayClientsConfig {
  /** This server's. */
  readonly publicKey: Uint8Array
  readonly mesh: ServerMesh
  readonly finds: Finds
  readonly watching: Watching
}

export class ServerMethods {
  readonly #mesh: ServerMesh
  readonly #finds: Finds
  readonly #watching: Watching
  readonly #routes: RouteAnswers
  readonly #relays: RelayClients

  constructor(config: MethodsConfig) {
    const { mesh, finds, watching, publicKey } = config
    this.#mesh = mesh
    this.#finds = finds
    this.#watching = watching
    this.#routes = new RouteAnswers(config, publicKey, mesh)
    this.#relays = new RelayClients(config, mesh)
  }

  /** What the one at that link looked for was found. */
  found(link: LinkId, value: RegistryValue | undefined): void {
    this.#routes.found(link, value)
  }

  /** Another server named clients that relay. */
  toldRelays(time: Time, body: CborMap | undefined): void {
    if (body !== undefined) this.#relays.told(time, body)
  }

  /** Whoever was told of for that link's sake is so no more. */
  linkClosed(link: LinkId, key: KeyId): void {
    this.#relays.linkClosed(link, key)
  }

  /** @throws DecodeError for a body that is not what the method wants */
  call(time: Time, caller: Caller, { id, method, body }: RpcRequest): MethodAnswer {
    switch (method) {
      case 'publish':
        return this.#publish(time, caller, readRecordBody(body))
      case 'revoke':
        return this.#revoke(time, caller, readRevokeBody(body))
      case 'find':
        return this.#find(time, caller, id, keyIdOf(readFindBody(body)), readIsFullFind(body))
      case 'watch':
        return this.#watch(time, caller, keyIdOf(readFindBody(body)))
      case 'unwatch':
        this.#watching.unwatch(caller.link, keyIdOf(readFindBody(body)))
        return OK
      case 'servers':
        return { kind: 'ok', body: serversAnswer(this.#sample(caller)) }
      case 'routes':
        return {
          kind: 'ok',
          body: this.#routes.body(time, caller.link, keyIdOf(readRoutesBody(body).key)),
        }
      case 'relays':
        return { kind: 'ok', body: relaysAnswer(this.#relays.ask(time, caller)) }
      default: {
        // Clients have servers that do this for them.
        if (caller.type === 'client') return UNKNOWN
        const { key, network } = caller
        const answer = this.#mesh.dht.request(time, { key, network }, method, body)
        return answer ?? UNKNOWN
      }
    }
  }

  #sample({ key }: Caller): Uint8Array[] {
    return this.#mesh.sample(publicKeyOf(key), WELCOME_CLIENT_SAMPLE)
  }

  #publish(time: Time, caller: Caller, bytes: Uint8Array): MethodAnswer {
    if (!equalBytes(decodeRecord(bytes).record.key, publicKeyOf(caller.key))) {
      return refusal('INVALID_RECORD', 'a link publishes its own record only')
    }
    if (caller.type === 'client') return this.#offer(time, caller, bytes, 'record')
    // A server spreads its record itself; to us it says where it can be reached.
    const isValid = this.#mesh.introduced(time, caller.key, bytes)
    return isValid ? OK : refusal('INVALID_RECORD', 'not a valid record of a server')
  }

  /** Over the key's own link only, so it is kept however far it belongs; among servers it travels as `storeRecord`. */
  #revoke(time: Time, caller: Caller, bytes: Uint8Array): MethodAnswer {
    if (equalBytes(decodeRevocation(bytes).revocation.key, publicKeyOf(caller.key))) {
      return this.#offer(time, caller, bytes, 'revocation')
    }
    return refusal('INVALID_RECORD', 'a link revokes its own key only')
  }

  #offer(time: Time, caller: Caller, bytes: Uint8Array, kind: ValueKind): MethodAnswer {
    const { key: source, network } = caller
    const verdict = this.#mesh.dht.offer(time, bytes, kind, { isHome: true, source, network })
    return typeof verdict === 'string' ? OK : refusal(verdict.error, verdict.hint)
  }

  #find(time: Time, caller: Caller, id: number, key: KeyId, isFull: boolean): MethodAnswer {
    const outcome = this.#finds.request(time, caller, id, key, isFull)
    if (outcome === 'waits') return { kind: 'waits' }
    return outcome === 'busy' ? refusal('BUSY', 'too many lookups at once') : outcome
  }

  /** What is known so far; what the registry says comes later, as news. */
  #watch(time: Time, caller: Caller, key: KeyId): MethodAnswer {
    const { link, network } = caller
    if (!this.#watching.watch(time, link, key, network)) {
      return refusal('QUOTA', 'too many watches, end some of them')
    }
    const { value, isFinal } = this.#finds.known(time, key)
    const elsewhere = this.#watching.valueOf(key)
    const best = value && elsewhere ? newerOf(value, elsewhere) : (value ?? elsewhere)
    const isOnline = this.#watching.isOnline(link, key, best)
    const isDone = isFinal || caller.type === 'server' || this.#watching.isLookedUp(key)
    return { kind: 'ok', body: this.#finds.body(time, best, isDone, isOnline) }
  }
}

export function refusal(code: RpcErrorCode, hint: string): MethodAnswer {
  return { kind: 'error', code, hint }
}
