// The numbers that the RFCs themselves print, so that the project proves its crypto even where the
// public vector files are missing: FIPS 180-4, RFC 4231, 5869, 7748, 8032, 8439.

import { concat } from '../../bytes/concat.ts'
import { fromHex } from '../../bytes/hex.ts'
import { utf8Encode } from '../../bytes/utf8.ts'
import { hkdf } from '../kdf.ts'
import type { CryptoSuite } from '../suite.ts'
import type { Verdicts } from './verdicts.ts'

export function runRfc(suite: CryptoSuite, verdicts: Verdicts): void {
  verdicts.group('rfc hashes')
  const abc = utf8Encode('abc')
  verdicts.expect('sha256 abc', suite.sha256(abc), SHA256_ABC)
  verdicts.expect('sha256 a, empty, bc', suite.sha256(...split(abc, 1)), SHA256_ABC)
  verdicts.expect('sha512 abc', suite.sha512(abc), SHA512_ABC)
  verdicts.expect('sha512 ab, empty, c', suite.sha512(...split(abc, 2)), SHA512_ABC)
  for (const [key, message, mac] of HMACS) {
    verdicts.expect(`hmac ${key}`, suite.hmac(fromHex(key), ...split(utf8Encode(message), 3)), mac)
  }

  verdicts.group('rfc 5869')
  for (const [ikm, salt, info, length, okm] of HKDFS) {
    const input = { ikm: fromHex(ikm), salt: fromHex(salt), info: fromHex(info), length }
    verdicts.expect(`hkdf ${length}`, hkdf(suite, input), okm)
  }

  verdicts.group('rfc 7748')
  for (const [privateKey, publicKey, secret] of X25519S) {
    verdicts.expect(secret, suite.dh(fromHex(privateKey), fromHex(publicKey)), secret)
  }
  for (const [privateKey, publicKey] of X25519_PAIRS) {
    verdicts.expect(publicKey, suite.dhPublic(fromHex(privateKey)), publicKey)
  }
  verdicts.expect('iterated 1', iterated(suite, 1), ITERATED_1)
  verdicts.expect('iterated 1000', iterated(suite, 1000), ITERATED_1000)

  verdicts.group('rfc 8032')
  for (const [seed, publicKey, message, signature] of ED25519S) {
    const signed = suite.sign(fromHex(seed), fromHex(message))
    verdicts.expect(`${message} public`, suite.signPublic(fromHex(seed)), publicKey)
    verdicts.expect(`${message} sign`, signed, signature)
    verdicts.expect(
      `${message} verify`,
      suite.verify(fromHex(publicKey), fromHex(message), signed),
      true,
    )
  }

  verdicts.group('rfc 8439')
  const zeros = new Uint8Array(64)
  const zeroKey = new Uint8Array(32)
  verdicts.expect('A.1 1', suite.xorStream(zeroKey, 0, 0, zeros), BLOCK_0)
  verdicts.expect('A.1 2', suite.xorStream(zeroKey, 0, 1, zeros), BLOCK_1)
  const both = suite.xorStream(zeroKey, 0, 0, new Uint8Array(128))
  verdicts.expect('A.1 1 and 2', both, BLOCK_0 + BLOCK_1)
  const stream = suite.xorStream(fromHex(STREAM_KEY), STREAM_COUNTER, 1, utf8Encode(SUNSCREEN))
  verdicts.expect('2.4.2', stream, SUNSCREEN_STREAM)
}

function iterated(suite: CryptoSuite, times: number): Uint8Array | undefined {
  let k: Uint8Array = concat(Uint8Array.of(9), new Uint8Array(31))
  let u = k
  for (let i = 0; i < times; i++) {
    const next = suite.dh(k, u)
    if (next === undefined) return undefined
    u = k
    k = next
  }
  return k
}

function split(bytes: Uint8Array, at: number): Uint8Array[] {
  return [bytes.subarray(0, at), new Uint8Array(0), bytes.subarray(at)]
}

const SHA256_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const SHA512_ABC =
  'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
  '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f'

/** Key, message, tag: RFC 4231 4.2 and 4.3. */
const HMACS = [
  [
    '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
    'Hi There',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    '4a656665',
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
] as const

/** Input key, salt, info, length, output: RFC 5869 A.1, A.2 and A.3. */
const HKDFS = [
  [
    '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
    '000102030405060708090a0b0c',
    'f0f1f2f3f4f5f6f7f8f9',
    42,
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  ],
  [
    range(0x00, 0x50),
    range(0x60, 0xb0),
    range(0xb0, 0x100),
    82,
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
      'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  ],
  [
    '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
    '',
    '',
    42,
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  ],
] as const

/** Private, public, secret: RFC 7748 5.2 and both directions of 6.1. */
const X25519S = [
  [
    'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  ],
  [
    '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  ],
  [
    '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
    'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  ],
  [
    '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  ],
] as const

/** Private, public: RFC 7748 6.1. */
const X25519_PAIRS = [
  [
    '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
  ],
  [
    '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
  ],
] as const
const ITERATED_1 = '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079'
const ITERATED_1000 = '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51'

/** Seed, public, message, signature: RFC 8032 7.1, tests 1 and 3. */
const ED25519S = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b' +
      'd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659' +
      '4a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const

const BLOCK_0 =
  '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
  'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586'
const BLOCK_1 =
  '9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed' +
  '29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f'
const STREAM_KEY = range(0x00, 0x20)
/** The nonce 000000000000004a00000000 as keymesh writes it. */
const STREAM_COUNTER = 0x4a000000
const SUNSCREEN =
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, " +
  'sunscreen would be it.'
const SUNSCREEN_STREAM =
  '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b357' +
  '1639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736' +
  '5af90bbf74a35be6b40b8eedf2785e42874d'

/** The bytes from `first` to before `end`, as hex. */
function range(first: number, end: number): string {
  let hex = ''
  for (let byte = first; byte < end; byte++) hex += byte.toString(16).padStart(2, '0')
  return hex
}
