// The Noise handshake patterns as tables (Noise rev 34, 7.4 and 7.5): what both sides know beforehand,
// and the tokens of each message, the initiator's first. Those without pre-shared keys; keymesh speaks
// IK (docs/PROTOCOL.md 7), the others are here because the public vectors of all prove the machinery.

export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss'

export interface HandshakePattern {
  /** Whether the responder knows the initiator's static key beforehand, and the other way round. */
  readonly initiatorIsKnown: boolean
  readonly responderIsKnown: boolean
  readonly messages: readonly (readonly Token[])[]
}

export type PatternName = 'N' | 'K' | 'X' | 'NN' | 'NK' | 'NX' | 'KK' | 'XK' | 'XX' | 'IK' | 'IX'

const nobody = { initiatorIsKnown: false, responderIsKnown: false }
const responder = { initiatorIsKnown: false, responderIsKnown: true }
const both = { initiatorIsKnown: true, responderIsKnown: true }

export const PATTERNS: Readonly<Record<PatternName, HandshakePattern>> = {
  // One way: a single message.
  N: { ...responder, messages: [['e', 'es']] },
  K: { ...both, messages: [['e', 'es', 'ss']] },
  X: { ...responder, messages: [['e', 'es', 's', 'ss']] },
  // Interactive.
  NN: { ...nobody, messages: [['e'], ['e', 'ee']] },
  NK: {
    ...responder,
    messages: [
      ['e', 'es'],
      ['e', 'ee'],
    ],
  },
  NX: { ...nobody, messages: [['e'], ['e', 'ee', 's', 'es']] },
  KK: {
    ...both,
    messages: [
      ['e', 'es', 'ss'],
      ['e', 'ee', 'se'],
    ],
  },
  XK: {
    ...responder,
    messages: [
      ['e', 'es'],
      ['e', 'ee'],
      ['s', 'se'],
    ],
  },
  XX: { ...nobody, messages: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']] },
  IK: {
    ...responder,
    messages: [
      ['e', 'es', 's', 'ss'],
      ['e', 'ee', 'se'],
    ],
  },
  IX: {
    ...nobody,
    messages: [
      ['e', 's'],
      ['e', 'ee', 'se', 's', 'es'],
    ],
  },
}
