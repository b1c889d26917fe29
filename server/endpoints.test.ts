import { isIP } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parseServerUrl } from '../shared/node/address/server-url.ts'
import { endpointsOf, interfaceAddresses } from './endpoints.ts'

const TLS = { isSelfMade: true, certSha256: new Uint8Array(32).fill(7) }
const ANY = { host: undefined, publicUrls: [], trustProxy: false }
const ADDRESSES = ['192.168.1.5', 'fd00::5', '10.0.0.5', '2a00::5', '8.8.8.8', '172.17.0.1']

const urlsOf = (where: Partial<Parameters<typeof endpointsOf>[0]>, addresses = ADDRESSES) =>
  endpointsOf({ ...ANY, ...where }, TLS, 8080, addresses).map(({ url }) => url)

describe('the endpoints of a server', () => {
  it('are its interfaces over TLS: public ones first, of both families, four at most', () => {
    expect(urlsOf({})).toEqual([
      'wss://8.8.8.8:8080',
      'wss://[2a00::5]:8080',
      'wss://192.168.1.5:8080',
      'wss://[fd00::5]:8080',
    ])
    expect(urlsOf({ host: '::' })).toEqual(urlsOf({}))
    expect(urlsOf({ host: '0.0.0.0' })).toEqual([
      'wss://8.8.8.8:8080',
      'wss://192.168.1.5:8080',
      'wss://10.0.0.5:8080',
      'wss://172.17.0.1:8080',
    ])
  })

  it('tell the hash of the certificate shown there', () => {
    for (const { cert } of endpointsOf(ANY, TLS, 8080, ADDRESSES)) expect(cert).toBe(TLS.certSha256)
    const vouchedFor = { ...TLS, isSelfMade: false }
    for (const endpoint of endpointsOf(ANY, vouchedFor, 8080, ADDRESSES)) {
      expect(endpoint).not.toHaveProperty('cert')
    }
  })

  it('are this machine where there is no network', () => {
    expect(urlsOf({}, [])).toEqual(['wss://127.0.0.1:8080'])
  })

  it.each([
    ['127.0.0.1', 'wss://127.0.0.1:8080'],
    ['::1', 'wss://[::1]:8080'],
    ['localhost', 'wss://localhost:8080'],
    ['192.168.1.5', 'wss://192.168.1.5:8080'],
    ['2A00:0::5', 'wss://[2a00::5]:8080'],
  ])('are the one address it listens on: %s', (host, url) => {
    expect(urlsOf({ host })).toEqual([url])
  })

  it('leave the default port out', () => {
    expect(endpointsOf({ ...ANY, host: '::1' }, TLS, 443, [])[0]?.url).toBe('wss://[::1]')
  })

  it('are the public addresses, where there are some', () => {
    const publicUrls = ['https://One.example', 'ws://two.example:8080'].map(parseServerUrl)
    expect(endpointsOf({ ...ANY, publicUrls }, TLS, 8080, ADDRESSES)).toEqual([
      { url: 'wss://one.example', cert: TLS.certSha256 },
      { url: 'ws://two.example:8080' },
    ])
  })

  it('tell nothing of a certificate that a proxy shows', () => {
    const publicUrls = [parseServerUrl('wss://one.example')]
    expect(endpointsOf({ ...ANY, publicUrls, trustProxy: true }, TLS, 8080, ADDRESSES)).toEqual([
      { url: 'wss://one.example' },
    ])
  })
})

describe('the addresses of this machine', () => {
  it('are some that others can use', () => {
    for (const address of interfaceAddresses()) {
      expect(isIP(address)).not.toBe(0)
      expect(address).not.toMatch(/^(127\.|169\.254\.|::1$|fe80)/)
    }
  })
})
