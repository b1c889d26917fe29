// A program that is a Router over bare links: each side announces its key in the first message, believed
// without proof, and everything after it is cells. For scenarios about circuits alone; the authenticated
// link and the node core have scenarios of their own.

import type { CryptoSuite } from '../../shared/crypto/suite.ts'
import type { Identity } from '../../shared/identity/identity.ts'
import { createIdentity } from '../../shared/identity/identity.ts'
import type { KeyId } from '../../shared/identity/node-id.ts'
import { keyIdOf } from '../../shared/identity/node-id.ts'
import type { LinkId } from '../../shared/link/link-id.ts'
import type { RandomBytes, Time } from '../../shared/machine/machine.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import type { Host, HostEvents } from '../../shared/node/host.ts'
import { OnionKeys } from '../../shared/routing/onion-keys.ts'
import type { SetupHop } from '../../shared/routing/onion-setup.ts'
import { relayRole } from '../../shared/routing/relay-role.ts'
import { Router } from '../../shared/routing/router.ts'
import type {
  RouterConfig,
  RouterEffect,
  RouterInput,
} from '../../shared/routing/router-messages.ts'
import { DEFAULT_RELAY_POLICY } from '../../shared/routing/router-messages.ts'

/** What uses the circuits of one router. */
export interface RouterApplication {
  /** Told of everything but `transmit`, after the router has worked off its inputs. */
  take(effect: RouterEffect): void
  /** In milliseconds of the host's clock. */
  nextTimeout?(): number | undefined
  timeout?(): void
}

export class RouterProgram implements HostEvents {
  readonly identity: Identity
  readonly router: Router
  readonly randomBytes: RandomBytes
  /** Whose links count as those of proven servers; set it before they come up. */
  isServer: (peer: KeyId) => boolean = () => true
  readonly #host: Host
  readonly #onionKeys: OnionKeys
  readonly #application: RouterApplication
  readonly #peers = new Map<LinkId, KeyId>()
  readonly #dialed = new Set<LinkId>()
  readonly #inputs: RouterInput[] = []
  readonly #untold: RouterEffect[] = []
  #isTelling = false
  #nextLink = 1

  constructor(
    host: Host,
    suite: CryptoSuite,
    application: RouterApplication,
    config: Partial<RouterConfig> = {},
  ) {
    this.#host = host
    this.randomBytes = host.randomBytes
    this.#application = application
    this.identity = createIdentity(suite, host.randomBytes(32))
    this.#onionKeys = new OnionKeys(suite, host.randomBytes, this.time())
    const { identity } = this
    const relay = { role: relayRole, policy: DEFAULT_RELAY_POLICY }
    const base = { suite, random: host.randomBytes, identity, relay }
    this.router = new Router({ ...base, ...config }, this.#onionKeys)
  }

  /** How others name this node in a path. */
  get hop(): SetupHop {
    const [current] = this.#onionKeys.entries()
    if (current === undefined) throw new Error('A node always has an onion key.')
    return { id: this.identity.publicKey, onionKey: current.key }
  }

  /** Links whose far end is known. */
  get linkCount(): number {
    return this.#peers.size
  }

  connect(url: ServerUrl): void {
    const link = this.#newLink()
    this.#dialed.add(link)
    this.#host.dial(link, url, { isUntrusted: false })
  }

  /** The input has been worked off when this returns, so `room` is true; effects are told after that. */
  handle(input: RouterInput): void {
    this.#inputs.push(input)
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      this.router.handle(this.time(), next)
      for (let effect = this.router.poll(); effect !== undefined; effect = this.router.poll()) {
        this.#perform(effect)
      }
    }
    this.#tellAll()
    this.setTimer()
  }

  time(): Time {
    return { now: this.#host.now(), unixMs: this.#host.unixMs() }
  }

  /** Call when the application's `nextTimeout` moved by something else than an effect. */
  setTimer(): void {
    const times = [this.router.nextTimeout(), this.#application.nextTimeout?.()]
    const due = times.filter(time => time !== undefined)
    this.#host.wakeAt(due.length > 0 ? Math.min(...due) : undefined)
  }

  /** Closes every link, with which all circuits end. */
  shutdown(): void {
    for (const link of [...this.#peers.keys()]) {
      this.#host.close(link, 'shutdown')
      this.linkLost(link)
    }
    this.#host.wakeAt(undefined)
  }

  wake(): void {
    this.#application.timeout?.()
    this.handle({ kind: 'timeout' })
  }

  linkOpened(link: LinkId): void {
    this.#host.send(link, this.identity.publicKey)
  }

  linkAccepted(): LinkId {
    return this.#newLink()
  }

  linkMessage(link: LinkId, bytes: Uint8Array): void {
    if (this.#peers.has(link)) this.handle({ kind: 'cell', link, bytes })
    else this.#meet(link, keyIdOf(bytes))
  }

  linkWritable(link: LinkId): void {
    this.handle({ kind: 'linkResume', link })
  }

  linkLost(link: LinkId): void {
    if (this.#peers.delete(link)) this.handle({ kind: 'linkDown', link })
  }

  storageChanged(): void {}

  #meet(link: LinkId, peer: KeyId): void {
    const initiator = this.#dialed.has(link)
    if (!initiator) this.#host.send(link, this.identity.publicKey)
    this.#peers.set(link, peer)
    this.handle({ kind: 'linkUp', link, peer, isServer: this.isServer(peer), initiator })
  }

  #perform(effect: RouterEffect): void {
    if (effect.kind !== 'transmit') this.#untold.push(effect)
    else if (this.#host.send(effect.link, effect.bytes) === 'full') {
      this.#inputs.push({ kind: 'linkPause', link: effect.link })
    }
  }

  #tellAll(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    let effect = this.#untold.shift()
    for (; effect !== undefined; effect = this.#untold.shift()) this.#application.take(effect)
    this.#isTelling = false
  }

  #newLink(): LinkId {
    const link = this.#nextLink as LinkId
    this.#nextLink += 1
    return link
  }
}
