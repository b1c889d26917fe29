// The responder's half of a login (docs/PROTOCOL.md 3.1): CHALLENGE for a good HELLO, WELCOME for a good
// PROOF. Pure functions. A stranger's HELLO costs comparisons first, then one signature of ours; its key
// is judged only with its PROOF, as part of the signature's verdict (Rule K).

import { equalBytes } from '../bytes/equal.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { PING_INTERVAL_MS, WELCOME_MAX_SAMPLE, WS_MAX_MESSAGE_BYTES } from '../wire/limits.ts'
import type { Hello, Welcome } from '../wire/link-messages.ts'
import { decodeHello, decodeProof, encodeChallenge, encodeWelcome } from '../wire/link-messages.ts'
import type {
  AwaitHello,
  AwaitProof,
  HandshakeStep,
  Refusal,
  ResponderSteps,
} from './handshake-state.ts'
import { refuse } from './handshake-state.ts'
import type { LinkConfig, LinkPeer, ResponderSide } from './link-types.ts'
import type { Transcript } from './transcript.ts'
import { NONCE_BYTES, signTranscript, verifyTranscript } from './transcript.ts'

/** The longest CBOR head of a record in the sample. */
const SAMPLE_HEAD_BYTES = 3

export const responderSteps: ResponderSteps = { onHello, onProof }

/** @throws DecodeError */
function onHello(
  config: LinkConfig,
  state: AwaitHello,
  frame: Uint8Array,
  time: Time,
): HandshakeStep {
  const { suite, identity, type } = config
  const hello = decodeHello(frame)
  const version = highestCommon(config.versions, hello.versions)
  if (version === undefined) {
    return refuse('incompatible', `this node speaks versions ${config.versions.join(', ')}`)
  }
  const refusal = judgeHello(config, state.side, hello)
  if (refusal !== undefined) return refusal
  const nonce = config.random(NONCE_BYTES)
  const transcript: Transcript = { hello, version, key: identity.publicKey, type, nonce }
  const signature = signTranscript(suite, identity, 'responder', transcript)
  return {
    kind: 'wait',
    state: { phase: 'awaitProof', side: state.side, transcript, sentMs: time.now },
    send: encodeChallenge({ version, key: identity.publicKey, type, nonce, signature }),
  }
}

/** @throws DecodeError */
function onProof(
  config: LinkConfig,
  state: AwaitProof,
  frame: Uint8Array,
  time: Time,
): HandshakeStep {
  const { transcript, side } = state
  const { key, type } = transcript.hello
  const { signature } = decodeProof(frame)
  if (!verifyTranscript(config.suite, key, 'initiator', transcript, signature)) {
    return refuse('unauthenticated', 'the initiator signature does not fit this channel')
  }
  const peer: LinkPeer = { publicKey: key, keyId: keyIdOf(key), type, version: transcript.version }
  const refusal = config.admit?.(peer, time)
  if (refusal !== undefined) return refuse(refusal, 'not admitted')
  return {
    kind: 'done',
    peer,
    rttMs: time.now - state.sentMs,
    send: composeWelcome(config, side, peer, time),
    welcome: undefined,
  }
}

function highestCommon(ours: readonly number[], theirs: readonly number[]): number | undefined {
  const common = ours.filter(version => theirs.includes(version))
  return common.length === 0 ? undefined : Math.max(...common)
}

function judgeHello(config: LinkConfig, side: ResponderSide, hello: Hello): Refusal | undefined {
  const ownKey = config.identity.publicKey
  if (!equalBytes(hello.net, config.net)) {
    return refuse('wrongNetwork', 'this node belongs to another network')
  }
  if (equalBytes(hello.key, ownKey)) {
    return refuse('selfDial', 'this node dialed itself')
  }
  if (hello.expect !== undefined && !equalBytes(hello.expect, ownKey)) {
    return refuse('wrongKey', 'this node has another key')
  }
  if (side.expect !== undefined && !equalBytes(hello.key, side.expect)) {
    return refuse('wrongKey', 'another key was expected to log in')
  }
  if (!side.bindings.some(binding => equalBytes(binding, hello.binding))) {
    return refuse('unauthenticated', 'this node does not know itself by the dialed address')
  }
  return undefined
}

function composeWelcome(
  config: LinkConfig,
  side: ResponderSide,
  peer: LinkPeer,
  time: Time,
): Uint8Array {
  const maxMessageBytes = side.maxMessageBytes ?? WS_MAX_MESSAGE_BYTES
  const told: Welcome = config.welcome?.(peer, time) ?? {
    keepaliveMs: PING_INTERVAL_MS,
    timeMs: Math.floor(time.unixMs),
    limits: { maxMessageBytes },
    addressClass: side.addressClass,
    sample: [],
  }
  const welcome: Welcome = { ...told, addressClass: side.addressClass, sample: [] }
  const room = maxMessageBytes - encodeWelcome(welcome).length - SAMPLE_HEAD_BYTES
  return encodeWelcome({ ...welcome, sample: fittingSample(told.sample, room) })
}

function fittingSample(sample: readonly Uint8Array[], room: number): Uint8Array[] {
  const fitting: Uint8Array[] = []
  let left = room
  for (const record of sample.slice(0, WELCOME_MAX_SAMPLE)) {
    left -= SAMPLE_HEAD_BYTES + record.length
    if (left < 0) break
    fitting.push(record)
  }
  return fitting
}
