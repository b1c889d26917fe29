import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { parseServerUrl } from '../shared/node/address/server-url.ts'
import type { Audience } from './origins.ts'
import { clientAddressOf, isForeign, isTooPlain, originsOf, secureOriginOf } from './origins.ts'

function request(remoteAddress: string, headers: Record<string, string>): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage
}

function encrypted(remoteAddress: string, headers: Record<string, string>): IncomingMessage {
  const socket = Object.create(TLSSocket.prototype, { remoteAddress: { value: remoteAddress } })
  return { socket, headers } as unknown as IncomingMessage
}

const UNNAMED = { publicUrls: [], trustProxy: false }
const NAMED = { publicUrls: [parseServerUrl('wss://One.example:443')], trustProxy: false }
const PROXIED = { publicUrls: [], trustProxy: true }

describe('the origins of a server', () => {
  it.each([
    ['localhost:8080', ['ws://localhost:8080']],
    ['LOCALHOST:80', ['ws://localhost']],
    ['[::1]:8080', ['ws://[::1]:8080']],
    ['one.example', ['ws://one.example']],
    ['', []],
    ['a b', []],
    ['one.example:99999', []],
    ['one.example#key_x', []],
  ])('without a public URL are what Host says: %j', (host, origins) => {
    expect(originsOf(request('203.0.113.1', { host }), UNNAMED)).toEqual(origins)
  })

  it('with one are that, whatever Host says', () => {
    const headers = { host: 'two.example' }
    expect(originsOf(request('203.0.113.1', headers), NAMED)).toEqual(['wss://one.example'])
    expect(originsOf(request('127.0.0.1', headers), NAMED)).toEqual(['wss://one.example'])
  })

  it('with one are loopback names too for who dials from this machine', () => {
    const headers = { host: 'localhost:8080' }
    expect(originsOf(request('::ffff:127.0.0.1', headers), NAMED)).toEqual([
      'wss://one.example',
      'ws://localhost:8080',
    ])
    expect(originsOf(request('203.0.113.1', headers), NAMED)).toEqual(['wss://one.example'])
  })

  it('with one are the reached address too, over TLS: so it is found on its own network', () => {
    const names = ['wss://one.example']
    const reach = (host: string, localAddress: string, isPlain = false) => {
      const from = isPlain ? request('10.0.0.9', { host }) : encrypted('10.0.0.9', { host })
      Object.defineProperty(from.socket, 'localAddress', { value: localAddress })
      return originsOf(from, NAMED)
    }
    expect(reach('10.0.0.1:8080', '::ffff:10.0.0.1')).toEqual([...names, 'wss://10.0.0.1:8080'])
    expect(reach('[fe80::1]', 'fe80::1%eth0')).toEqual([...names, 'wss://[fe80::1]'])
    expect(reach('10.0.0.2:8080', '10.0.0.1')).toEqual(names)
    expect(reach('two.example', '10.0.0.1')).toEqual(names)
    expect(reach('localhost', '10.0.0.1')).toEqual(names)
    expect(reach('10.0.0.1:8080', '10.0.0.1', true)).toEqual(names)
  })

  it('are of wss behind a trusted proxy that says https, and of nobody else who says so', () => {
    const headers = { host: 'one.example', 'x-forwarded-proto': 'https' }
    expect(originsOf(request('127.0.0.1', headers), PROXIED)).toEqual(['wss://one.example'])
    expect(originsOf(request('10.0.0.1', headers), PROXIED)).toEqual(['wss://one.example'])
    expect(originsOf(request('203.0.113.1', headers), PROXIED)).toEqual(['ws://one.example'])
    expect(originsOf(request('127.0.0.1', headers), UNNAMED)).toEqual(['ws://one.example'])
  })

  it('are of wss where TLS ends here, also for a neighbour of the proxy who comes directly', () => {
    const headers = { host: 'one.example' }
    for (const names of [UNNAMED, PROXIED]) {
      expect(originsOf(encrypted('10.0.0.1', headers), names)).toEqual(['wss://one.example'])
    }
    const forwarded = { ...headers, 'x-forwarded-proto': 'http' }
    expect(originsOf(encrypted('10.0.0.1', forwarded), PROXIED)).toEqual(['ws://one.example'])
  })
})

describe('a request without TLS', () => {
  const DEFAULT: Audience = { publicUrls: [], trustProxy: false, insecure: false, isExposed: true }
  const isRefused = (from: string, audience: Partial<Audience> = {}): boolean =>
    isTooPlain(request(from, {}), { ...DEFAULT, ...audience })

  it.each([
    ['127.0.0.1', false, false],
    ['127.9.9.9', false, false],
    ['::ffff:127.0.0.1', false, false],
    ['::1', false, false],
    ['10.0.0.1', true, false],
    ['fd00::1', true, false],
    ['203.0.113.1', true, true],
    ['2a00::1', true, true],
    ['::ffff:8.8.8.8', true, true],
    ['', true, true],
  ])('from %j is too plain: %s, of a trusted proxy: %s', (from, isToo, isTooProxied) => {
    expect(isRefused(from)).toBe(isToo)
    expect(isRefused(from, { trustProxy: true })).toBe(isTooProxied)
    expect(isRefused(from, { insecure: true })).toBe(false)
    expect(isTooPlain(encrypted(from, {}), DEFAULT)).toBe(false)
  })

  it('is told where to go instead', () => {
    expect(secureOriginOf(request('', { host: 'One.example:8080' }))).toBe('wss://one.example:8080')
    for (const host of ['', 'a b', 'x"><script>', 'one.example#key_x']) {
      expect(secureOriginOf(request('', { host }))).toBeUndefined()
    }
  })
})

describe('the address of a client', () => {
  it('is what a trusted proxy added last, else that of the socket', () => {
    const headers = { 'x-forwarded-for': '1.1.1.1, 2.2.2.2' }
    expect(clientAddressOf(request('127.0.0.1', headers), PROXIED)).toBe('2.2.2.2')
    expect(clientAddressOf(request('203.0.113.1', headers), PROXIED)).toBe('203.0.113.1')
    expect(clientAddressOf(request('127.0.0.1', headers), UNNAMED)).toBe('127.0.0.1')
    expect(clientAddressOf(request('127.0.0.1', {}), PROXIED)).toBe('127.0.0.1')
  })

  it.each([
    ['1.2.3.4:567', '1.2.3.4'],
    ['9.9.9.9:1, 1.2.3.4:65535', '1.2.3.4'],
    ['[2001:db8::1]:567', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1:567', '2001:db8::1:567'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['[::ffff:1.2.3.4]:567', '::ffff:1.2.3.4'],
    // What is no address stays none.
    ['1.2.3.4:', '1.2.3.4:'],
    ['1.2.3.4:5:6', '1.2.3.4:5:6'],
    ['[::1]567', '[::1]567'],
    ['unknown', 'unknown'],
  ])('is without the port when a proxy says %s', (forwarded, address) => {
    const headers = { 'x-forwarded-for': forwarded }
    expect(clientAddressOf(request('127.0.0.1', headers), PROXIED)).toBe(address)
  })
})

describe('a page of others, seen by a server', () => {
  const LOCAL: Audience = { publicUrls: [], trustProxy: false, insecure: false, isExposed: false }
  const OPEN: Audience = { ...LOCAL, isExposed: true }
  const isSeen = (headers: Record<string, string>, names = LOCAL): boolean =>
    isForeign(request('127.0.0.1', headers), names)

  it.each([
    [{ host: 'localhost:8080' }],
    [{ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }],
    [{ host: '[::1]:8080', origin: 'https://[::1]' }],
    [{ host: 'LOCALHOST', origin: 'http://localhost:5173' }],
    [{ host: 'app.localhost:8080', origin: 'http://app.localhost:8080' }],
  ])('is none of %j', headers => {
    for (const audience of [LOCAL, OPEN]) expect(isSeen(headers, audience)).toBe(false)
  })

  it.each([
    [{ host: 'localhost:8080', origin: 'https://evil.example' }],
    [{ host: 'localhost:8080', origin: 'http://localhost.evil.example' }],
    [{ host: 'localhost:8080', origin: 'null' }],
    [{ host: 'localhost:8080', origin: 'chrome-extension://abc' }],
    [{ host: 'localhost:8080', origin: '' }],
    // A name of theirs that leads here now.
    [{ host: 'evil.example:8080' }],
    [{ host: 'evil.example:8080', origin: 'http://evil.example:8080' }],
    [{ host: '127.0.0.1.evil.example' }],
    [{ host: '192.168.0.7' }],
    [{ host: '' }],
    [{}],
  ])('is %j', headers => {
    for (const audience of [LOCAL, OPEN]) {
      expect(isSeen(headers as Record<string, string>, audience)).toBe(true)
    }
  })

  it('is none under a public URL', () => {
    const names = { ...LOCAL, publicUrls: NAMED.publicUrls }
    expect(isSeen({ host: 'one.example', origin: 'https://one.example' }, names)).toBe(false)
    expect(isSeen({ host: 'one.example:8080', origin: 'http://localhost' }, names)).toBe(false)
    expect(isSeen({ host: 'two.example' }, names)).toBe(true)
  })

  it('is none over TLS where others may come, nor through a proxy or where no TLS is needed', () => {
    const headers = { host: 'one.example', origin: 'https://two.example' }
    expect(isForeign(encrypted('127.0.0.1', headers), OPEN)).toBe(false)
    expect(isForeign(encrypted('127.0.0.1', headers), LOCAL)).toBe(true)
    expect(isSeen(headers, { ...OPEN, insecure: true })).toBe(false)
    expect(isSeen(headers, { ...LOCAL, insecure: true })).toBe(true)
    expect(isSeen(headers, { ...LOCAL, trustProxy: true })).toBe(false)
  })
})
