// The certificate as others read it: OpenSSL inside Node, by its parser, its checks and a handshake.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeSelfSigned } from './self-signed.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const DAY_MS = 86_400_000

describe('a certificate of our own', () => {
  it('is read by others as what it should be', () => {
    const pem = makeSelfSigned(NOW)
    const certificate = new X509Certificate(pem)
    expect(certificate.subject).toBe('CN=keymesh')
    expect(certificate.issuer).toBe('CN=keymesh')
    expect(certificate.subjectAltName).toBe('DNS:keymesh')
    expect(certificate.ca).toBe(false)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(certificate.checkHost('keymesh')).toBe('keymesh')
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(certificate.checkPrivateKey(createPrivateKey(pem))).toBe(true)
    expect(certificate.toLegacyObject()).toMatchObject({ bits: 256, nistCurve: 'P-256' })
  })

  it('is signed by itself', () => {
    const [one, other] = [makeSelfSigned(NOW), makeSelfSigned(NOW)].map(
      pem => new X509Certificate(pem),
    )
    expect(one?.verify(one.publicKey)).toBe(true)
    expect(other && one?.verify(other.publicKey)).toBe(false)
  })

  it.each([
    ['2026-03-01T12:00:00Z'],
    // Its end needs the long form of a time, and then its beginning too.
    ['2045-06-01T00:00:00Z'],
    ['2055-06-01T00:00:00Z'],
  ])('made at %s holds from the day before for ten years', text => {
    const now = Date.parse(text)
    const { validFrom, validTo } = new X509Certificate(makeSelfSigned(now))
    expect(Date.parse(validFrom)).toBe(now - DAY_MS)
    expect(Date.parse(validTo)).toBe(now + 3_649 * DAY_MS)
  })

  it('has a serial of its own, positive and of 16 bytes', () => {
    const serials = Array.from({ length: 50 }, () => {
      return new X509Certificate(makeSelfSigned(NOW)).serialNumber
    })
    expect(new Set(serials).size).toBe(50)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/)
  })
})
