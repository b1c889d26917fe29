// The signed bytes of a login, rebuilt here from the specification (docs/PROTOCOL.md 1.4, 3.1) without the
// code under test: golden hex, and a signature that fits no other role, channel or word of the login.

import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { fromHex } from '../bytes/hex.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { testIdentity } from './testing/link-world.ts'
import type { Transcript } from './transcript.ts'
import { signTranscript, verifyTranscript } from './transcript.ts'

const fill = (value: number, length = 32) => new Uint8Array(length).fill(value)
const bytes32 = (digits: string) => `5820${digits.repeat(32)}`
const text = (value: string) =>
  (0x60 + value.length).toString(16) + Buffer.from(value).toString('hex')

const signer = testIdentity(2)
const TRANSCRIPT: Transcript = {
  hello: {
    versions: [1, 2],
    net: fill(0x11, 16),
    key: fill(0x22),
    type: 'client',
    nonce: fill(0x33),
    binding: fill(0x44),
    expect: signer.publicKey,
  },
  version: 2,
  key: fill(0x55),
  type: 'server',
  nonce: fill(0x66),
}

function expectedBody(role: string): Uint8Array {
  return fromHex(
    [
      'ab',
      `${text('net')}50${'11'.repeat(16)}`,
      text('role') + text(role),
      `${text('binding')}${bytes32('44')}`,
      `${text('version')}02`,
      `${text('versions')}820102`,
      text('initiatorKey') + bytes32('22'),
      text('responderKey') + bytes32('55'),
      text('initiatorType') + text('client'),
      text('responderType') + text('server'),
      text('initiatorNonce') + bytes32('33'),
      text('responderNonce') + bytes32('66'),
    ].join(''),
  )
}

describe('the transcript', () => {
  it.each(['initiator', 'responder'] as const)('is signed as the %s, byte for byte', role => {
    const signature = signTranscript(nobleSuite, signer, role, TRANSCRIPT)
    const context = utf8Encode('keymesh/link/1')
    const signed = concat(Uint8Array.of(context.length), context, expectedBody(role))
    expect(nobleSuite.verify(signer.publicKey, signed, signature)).toBe(true)
    expect(verifyTranscript(nobleSuite, signer.publicKey, role, TRANSCRIPT, signature)).toBe(true)
  })

  const { hello } = TRANSCRIPT
  const others: [string, Transcript][] = [
    ['chosen version', { ...TRANSCRIPT, version: 1 }],
    ['offered versions', { ...TRANSCRIPT, hello: { ...hello, versions: [2] } }],
    ['network', { ...TRANSCRIPT, hello: { ...hello, net: fill(0x12, 16) } }],
    ['initiator key', { ...TRANSCRIPT, hello: { ...hello, key: fill(0x23) } }],
    ['initiator type', { ...TRANSCRIPT, hello: { ...hello, type: 'server' } }],
    ['initiator nonce', { ...TRANSCRIPT, hello: { ...hello, nonce: fill(0x34) } }],
    ['channel', { ...TRANSCRIPT, hello: { ...hello, binding: fill(0x45) } }],
    ['responder key', { ...TRANSCRIPT, key: fill(0x56) }],
    ['responder type', { ...TRANSCRIPT, type: 'client' }],
    ['responder nonce', { ...TRANSCRIPT, nonce: fill(0x67) }],
  ]
  const signature = signTranscript(nobleSuite, signer, 'responder', TRANSCRIPT)

  it.each(others)('does not fit another %s', (_, transcript) => {
    const fits = verifyTranscript(nobleSuite, signer.publicKey, 'responder', transcript, signature)
    expect(fits).toBe(false)
  })

  it('does not fit the other role or another signer', () => {
    const asInitiator = verifyTranscript(
      nobleSuite,
      signer.publicKey,
      'initiator',
      TRANSCRIPT,
      signature,
    )
    expect(asInitiator).toBe(false)
    const other = testIdentity(3).publicKey
    expect(verifyTranscript(nobleSuite, other, 'responder', TRANSCRIPT, signature)).toBe(false)
  })
})
