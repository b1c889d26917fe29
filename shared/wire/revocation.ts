// The revocation of a key (docs/PROTOCOL.md 2.3): its last word, which beats every record and never expires.
// Body {at, key, net, successor?}, context `keymesh/revoke/1`; travels as the CBOR array [body, signature]
// or, where it names a successor, [body, signature, signature of the successor over the same bytes], at most
// 512 bytes. How long it is kept and which of two wins is for the registry to say.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap, getBytes, getOptionalBytes, getUint } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { equalBytes } from '../bytes/equal.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH, SIGNATURE_LENGTH } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import { CONTEXT, signBody, verifySigned } from '../identity/signed.ts'
import { CLOCK_SLACK_MS, REVOCATION_MAX_BYTES } from './limits.ts'
import { NETWORK_ID_LENGTH } from './record-body.ts'

export interface Revocation {
  /** The public key that says it is no longer to be trusted. */
  readonly key: Uint8Array
  readonly net: Uint8Array
  /** Unix milliseconds at signing. */
  readonly atMs: number
  /** The public key that takes its place and has signed that it does. */
  readonly successor?: Uint8Array
}

/** Made by `signRevocation` and `decodeRevocation` only, so that `revocation` is what `bytes` say. */
export interface SignedRevocation {
  readonly revocation: Revocation
  /** The whole of it as it travels, up to REVOCATION_MAX_BYTES. */
  readonly bytes: Uint8Array
}

export interface RevocationFields {
  readonly net: Uint8Array
  readonly atMs: number
  /** Signs too. Its owner still wipes it. */
  readonly successor?: Identity
}

export type RevocationVerdict = 'valid' | 'badSignature' | 'wrongKey' | 'future' | 'wrongNetwork'

export interface RevocationExpectation {
  /** Wall clock. */
  readonly unixMs: number
  /** The network that it must belong to; any when left out. */
  readonly net?: Uint8Array
  /** The key that was asked for; any when left out. */
  readonly expectedKey?: Uint8Array
}

// The array and its three elements.
const ARRAY_LIMITS = { maxDepth: 1, maxItems: 4 } as const

/**
 * Signs the end of `identity`, whose key it names.
 * @throws RangeError when the fields break a rule of the shape.
 */
export function signRevocation(
  suite: CryptoSuite,
  identity: Identity,
  { net, atMs, successor }: RevocationFields,
): SignedRevocation {
  const body = new Map<string, CborValue>([
    ['at', atMs],
    ['key', identity.publicKey],
    ['net', net],
  ])
  if (successor !== undefined) body.set('successor', successor.publicKey)
  const bytes = encodeCbor(body)
  const signers = successor === undefined ? [identity] : [identity, successor]
  const signatures = signers.map(one => signBody(suite, one, CONTEXT.revoke, bytes).signature)
  try {
    // What others would refuse must not leave this node: the reader's rules are the writer's rules.
    return decodeRevocation(encodeCbor([bytes, ...signatures]))
  } catch (error) {
    if (error instanceof DecodeError) throw new RangeError(error.message)
    throw error
  }
}

/** Shape only: nothing in it is true before `verifyRevocation` says so. @throws DecodeError */
export function decodeRevocation(bytes: Uint8Array): SignedRevocation {
  const { body, signatures } = readParts(bytes)
  const revocation = readBody(asMap(decodeCbor(body), 'revocation'))
  if (signatures.length !== (revocation.successor === undefined ? 1 : 2)) {
    throw new DecodeError('revocation is signed by the key and by the successor it names')
  }
  return { revocation, bytes }
}

/** The cheap questions first, the signatures (Rule K) last. */
export function verifyRevocation(
  suite: CryptoSuite,
  { revocation, bytes }: SignedRevocation,
  { unixMs, net, expectedKey }: RevocationExpectation,
): RevocationVerdict {
  const { key, successor } = revocation
  if (expectedKey !== undefined && !equalBytes(key, expectedKey)) return 'wrongKey'
  if (net !== undefined && !equalBytes(revocation.net, net)) return 'wrongNetwork'
  if (revocation.atMs > unixMs + CLOCK_SLACK_MS) return 'future'
  const { body, signatures } = readParts(bytes)
  const signers = successor === undefined ? [key] : [key, successor]
  const isSigned = signers.every((signer, i) => {
    const signature = signatures[i]
    return (
      signature !== undefined && verifySigned(suite, signer, CONTEXT.revoke, { body, signature })
    )
  })
  return isSigned ? 'valid' : 'badSignature'
}

function readParts(bytes: Uint8Array): { body: Uint8Array; signatures: Uint8Array[] } {
  if (bytes.length > REVOCATION_MAX_BYTES) {
    throw new DecodeError(`revocation is over ${REVOCATION_MAX_BYTES} bytes`)
  }
  const value = decodeCbor(bytes, ARRAY_LIMITS)
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) {
    throw new DecodeError('revocation is not an array of two or three')
  }
  const [body, ...rest] = value
  if (!(body instanceof Uint8Array)) throw new DecodeError('revocation does not hold bytes')
  const signatures = rest.map(signature => {
    if (signature instanceof Uint8Array && signature.length === SIGNATURE_LENGTH) return signature
    throw new DecodeError('signature is not 64 bytes')
  })
  return { body, signatures }
}

function readBody(body: CborMap): Revocation {
  const key = getBytes(body, 'key', KEY_LENGTH)
  const successor = getOptionalBytes(body, 'successor', KEY_LENGTH)
  if (successor !== undefined && equalBytes(successor, key)) {
    throw new DecodeError('a key does not succeed itself')
  }
  return {
    key,
    net: getBytes(body, 'net', NETWORK_ID_LENGTH),
    atMs: getUint(body, 'at'),
    ...(successor === undefined ? {} : { successor }),
  }
}
