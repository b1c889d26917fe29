import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { parseServerUrl } from '../shared/node/server-url.ts'
import type { Audience } from './origins.ts'
import { clientAddressOf, isForeign, originsOf } from './origins.ts'

function request(remoteAddress: string, headers: Record<string, string>): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage
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

  it('are of wss behind a trusted proxy that says https, and of nobody else who says so', () => {
    const headers = { host: 'one.example', 'x-forwarded-proto': 'https' }
    expect(originsOf(request('127.0.0.1', headers), PROXIED)).toEqual(['wss://one.example'])
    expect(originsOf(request('10.0.0.1', headers), PROXIED)).toEqual(['wss://one.example'])
    expect(originsOf(request('203.0.113.1', headers), PROXIED)).toEqual(['ws://one.example'])
    expect(originsOf(request('127.0.0.1', headers), UNNAMED)).toEqual(['ws://one.example'])
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

describe('a page of others, seen by a server for this machine only', () => {
  const LOCAL: Audience = { publicUrls: [], trustProxy: false, isExposed: false }
  const isSeen = (headers: Record<string, string>, names = LOCAL): boolean =>
    isForeign(request('127.0.0.1', headers), names)

  it.each([
    [{ host: 'localhost:8080' }],
    [{ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }],
    [{ host: '[::1]:8080', origin: 'https://[::1]' }],
    [{ host: 'LOCALHOST', origin: 'http://localhost:5173' }],
    [{ host: 'app.localhost:8080', origin: 'http://app.localhost:8080' }],
  ])('is none of %j', headers => {
    expect(isSeen(headers)).toBe(false)
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
    expect(isSeen(headers as Record<string, string>)).toBe(true)
  })

  it('is none under a public URL', () => {
    const names = { ...LOCAL, publicUrls: NAMED.publicUrls }
    expect(isSeen({ host: 'one.example', origin: 'https://one.example' }, names)).toBe(false)
    expect(isSeen({ host: 'one.example:8080', origin: 'http://localhost' }, names)).toBe(false)
    expect(isSeen({ host: 'two.example' }, names)).toBe(true)
  })

  it('is none for a server that others may use, directly or through a proxy', () => {
    const headers = { host: 'one.example', origin: 'https://two.example' }
    expect(isSeen(headers, { ...LOCAL, isExposed: true })).toBe(false)
    expect(isSeen(headers, { ...LOCAL, trustProxy: true })).toBe(false)
  })
})
