// Checks what a caller gave createNode, before anything is opened. Pure.

import { fromHex } from '../shared/bytes/hex.ts'
import { utf8Encode } from '../shared/bytes/utf8.ts'
import type { CryptoSuite } from '../shared/crypto/suite.ts'
import { SEED_BYTES } from '../shared/identity/identity.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import type { ServerUrl } from '../shared/node/address/server-url.ts'
import { originOf, parseServerUrl } from '../shared/node/address/server-url.ts'
import { OPEN_NETWORK_LABEL } from '../shared/node/config.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import type { IceServer } from '../shared/node/rtc-host.ts'
import type { PathMode } from '../shared/routes/route.ts'
import type { CandidatePolicy } from '../shared/wire/ice-candidate.ts'
import { RELAY_BUDGET_MIN_BYTES } from '../shared/wire/limits.ts'
import { NETWORK_ID_LENGTH } from '../shared/wire/record-body.ts'
import type { RelayOptions, WebRtcOptions } from './api.ts'

const HEX_16_BYTES = /^[0-9a-f]{32}$/i
const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * @throws {MeshError} `USAGE` for text that is no address, and for plain `ws://` to another machine
 *   unless `isInsecureAllowed`
 */
export function parseServers(texts: readonly string[], isInsecureAllowed: boolean): ServerUrl[] {
  const urls = texts.map(parseServerUrl)
  for (const url of urls) {
    if (url.scheme === 'wss' || isInsecureAllowed || LOOPBACK.test(url.host)) continue
    throw new MeshError('USAGE', `${originOf(url)} is not encrypted.`, {
      hint: 'Use wss://, or allow it with the insecure option if you trust the network in between.',
    })
  }
  return dropRepeated(urls)
}

/** @param text 32 hex digits @returns `undefined` when there is none @throws {MeshError} `USAGE` */
export function messageIdOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined
  if (HEX_16_BYTES.test(text)) return fromHex(text)
  throw new MeshError('USAGE', 'The id of a message has 32 hex digits.')
}

/** @param text 32 hex digits, or `undefined` for the open network @throws {MeshError} `USAGE` */
export function networkId(text: string | undefined, suite: CryptoSuite): Uint8Array {
  if (text === undefined) {
    return suite.sha256(utf8Encode(OPEN_NETWORK_LABEL)).slice(0, NETWORK_ID_LENGTH)
  }
  if (HEX_16_BYTES.test(text)) return fromHex(text)
  throw new MeshError('USAGE', 'A network id has 32 hex digits.')
}

/** A copy of a caller's own seed. @throws {RangeError} unless it has 32 bytes */
export function ownSeed(seed: Uint8Array): Uint8Array {
  if (seed instanceof Uint8Array && seed.length === SEED_BYTES) return seed.slice()
  throw new RangeError(`identity is a seed of ${SEED_BYTES} bytes, or 'ephemeral'`)
}

/** What timers can count. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** @throws {RangeError} unless it is a number of milliseconds from 0 to 2147483647, or left out */
export function timeoutOf(timeoutMs: number | undefined, defaultMs: number): number {
  if (timeoutMs === undefined) return defaultMs
  if (timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs
  throw new RangeError(`timeoutMs is a number from 0 to ${MAX_TIMEOUT_MS}, not ${timeoutMs}`)
}

const MODES: readonly PathMode[] = ['fast', 'relay', 'private']

/** As a field, to spread. A mode that does not exist must not pass for a laxer one. @throws {RangeError} */
export function modeOf(mode: PathMode | undefined): { readonly mode?: PathMode } {
  if (mode === undefined) return {}
  if (MODES.includes(mode)) return { mode }
  throw new RangeError(`mode is one of ${MODES.join(', ')}, not ${String(mode)}`)
}

/** @returns the bytes per day, if this node is to relay @throws {RangeError} for fewer than RELAY_BUDGET_MIN_BYTES, or none */
export function relayBudgetOf(relay: RelayOptions | undefined): number | undefined {
  if (relay === undefined) return undefined
  // Callers without types give anything: what is no budget must not pass for none.
  const bytes: unknown = (relay as RelayOptions | null)?.bytesPerDay
  if (Number.isSafeInteger(bytes) && Number(bytes) >= RELAY_BUDGET_MIN_BYTES) return Number(bytes)
  throw new RangeError(
    `relay.bytesPerDay is a whole number from ${RELAY_BUDGET_MIN_BYTES}, not ${String(bytes)}`,
  )
}

/** What the core is told of WebRTC. */
export interface DirectOptions {
  readonly iceServers?: readonly IceServer[]
  readonly candidates: CandidatePolicy
}

const ICE_URL = /^(?:stuns?:[^\s?]+|turns?:[^\s?]+(?:\?transport=(?:udp|tcp))?)$/i

/** @returns `undefined` when it is switched off @throws {MeshError} `USAGE` for an address that is none of STUN or TURN */
export function webRtcOf(webrtc: boolean | WebRtcOptions | undefined): DirectOptions | undefined {
  if (webrtc === false) return undefined
  const {
    iceServers,
    relayOnly = false,
    localAddresses = false,
  } = typeof webrtc === 'object' ? webrtc : {}
  const open = localAddresses ? 'all' : 'noLocal'
  const candidates = relayOnly ? 'relay' : open
  if (iceServers === undefined) return { candidates }
  return {
    candidates,
    iceServers: iceServers.map(server => ({ ...server, urls: iceUrls(server.urls) })),
  }
}

function iceUrls(given: string | readonly string[]): readonly string[] {
  const urls = typeof given === 'string' ? [given] : given
  const wrong = urls.find(url => !ICE_URL.test(url))
  if (wrong === undefined) return urls
  throw new MeshError('USAGE', `${wrong} is no address of a STUN or TURN server.`, {
    hint: 'Write it as stun:host:port, or turn:host:port with username and credential.',
  })
}

/**
 * The firewall of the public API speaks key text; the core speaks bytes. One that throws has not accepted; the
 * error goes to whoever hears of the application's uncaught ones, and not through the middle of the node.
 */
export function firewall(acceptPeer: ((key: string) => boolean) | undefined): {
  acceptPeer?: (publicKey: Uint8Array) => boolean
} {
  if (acceptPeer === undefined) return {}
  return {
    acceptPeer: publicKey => {
      try {
        return acceptPeer(encodeKey(publicKey))
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
        return false
      }
    },
  }
}

function dropRepeated(urls: readonly ServerUrl[]): ServerUrl[] {
  const seen = new Set<string>()
  return urls.filter(url => {
    const origin = originOf(url)
    if (seen.has(origin)) return false
    seen.add(origin)
    return true
  })
}
