// The initiator's half of a login (docs/PROTOCOL.md 3.1): HELLO, then PROOF for a good CHALLENGE, then
// open at WELCOME. Pure functions; every check that costs nothing comes before the signature, and the
// signature's verdict includes that of the key (Rule K).

import { equalBytes } from '../bytes/equal.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { Hello } from '../wire/link-messages.ts'
import { decodeChallenge, decodeWelcome, encodeHello, encodeProof } from '../wire/link-messages.ts'
import type {
  AwaitChallenge,
  AwaitTransport,
  AwaitWelcome,
  HandshakeStep,
} from './handshake-state.ts'
import { refuse } from './handshake-state.ts'
import type { LinkConfig, LinkPeer } from './link-types.ts'
import { NONCE_BYTES, signTranscript, verifyTranscript } from './transcript.ts'

export function sayHello(config: LinkConfig, state: AwaitTransport, time: Time): HandshakeStep {
  const { side } = state
  const hello: Hello = {
    versions: config.versions,
    net: config.net,
    key: config.identity.publicKey,
    type: config.type,
    nonce: config.random(NONCE_BYTES),
    binding: side.binding,
    ...(side.expect !== undefined && { expect: side.expect }),
  }
  return {
    kind: 'wait',
    state: { phase: 'awaitChallenge', side, hello, sentMs: time.now },
    send: encodeHello(hello),
  }
}

/** @throws DecodeError */
export function onChallenge(
  config: LinkConfig,
  state: AwaitChallenge,
  frame: Uint8Array,
  time: Time,
): HandshakeStep {
  const { suite, identity } = config
  const { side, hello } = state
  const { signature, ...answer } = decodeChallenge(frame)
  const transcript = { hello, ...answer }
  if (!config.versions.includes(answer.version)) {
    return refuse('incompatible', 'the chosen version was not offered')
  }
  if (equalBytes(answer.key, identity.publicKey)) {
    return refuse('selfDial', 'this node dialed itself')
  }
  if (side.expect !== undefined && !equalBytes(answer.key, side.expect)) {
    return refuse('wrongKey', 'another key was dialed')
  }
  if (!verifyTranscript(suite, answer.key, 'responder', transcript, signature)) {
    return refuse('unauthenticated', 'the responder signature does not fit this channel')
  }
  const peer: LinkPeer = {
    publicKey: answer.key,
    keyId: keyIdOf(answer.key),
    type: answer.type,
    version: answer.version,
  }
  const refusal = config.admit?.(peer, time)
  if (refusal !== undefined) return refuse(refusal, 'not admitted')
  return {
    kind: 'wait',
    state: { phase: 'awaitWelcome', peer, rttMs: time.now - state.sentMs },
    send: encodeProof({ signature: signTranscript(suite, identity, 'initiator', transcript) }),
  }
}

/** @throws DecodeError */
export function onWelcome(state: AwaitWelcome, frame: Uint8Array): HandshakeStep {
  const { peer, rttMs } = state
  return { kind: 'done', peer, rttMs, send: undefined, welcome: decodeWelcome(frame) }
}
