import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeKey } from '../../identity/key-text.ts'
import { MeshError } from '../mesh-error.ts'
import { identityOf } from '../testing/records.ts'
import { canonicalHost } from './host-name.ts'
import { originOf, parseServerUrl } from './server-url.ts'

function codeOf(text: string): string {
  try {
    parseServerUrl(text)
    return 'none'
  } catch (error) {
    if (error instanceof MeshError) return error.code
    throw error
  }
}

describe('an address of a server', () => {
  it.each([
    ['ws://localhost:8080', 'ws://localhost:8080'],
    ['http://localhost:8080/', 'ws://localhost:8080'],
    ['WSS://One.Example', 'wss://one.example'],
    ['https://one.example:443', 'wss://one.example'],
    ['http://one.example:80', 'ws://one.example'],
    ['wss://one.example:80', 'wss://one.example:80'],
    ['ws://10.0.0.2:1', 'ws://10.0.0.2:1'],
    ['ws://10.0.0.2:65535', 'ws://10.0.0.2:65535'],
    ['  ws://a  ', 'ws://a'],
    ['ws://my_server-1:8080', 'ws://my_server-1:8080'],
    ['ws://[::1]:8080', 'ws://[::1]:8080'],
    ['wss://[2001:DB8:0:0:0:0:0:1]', 'wss://[2001:db8::1]'],
    ['ws://[::ffff:1.2.3.4]', 'ws://[::ffff:102:304]'],
    ['ws://xn--bcher-kva.example', 'ws://xn--bcher-kva.example'],
  ])('%s has the origin %s', (text, origin) => {
    expect(originOf(parseServerUrl(text))).toBe(origin)
  })

  it.each([
    '',
    'localhost:8080',
    'ftp://one.example',
    'ws:/one.example',
    'ws://',
    'ws://:80',
    'ws://one.example:',
    'ws://one.example:0',
    'ws://one.example:65536',
    'ws://one.example:-1',
    'ws://one.example:8e1',
    'ws://one.example/mesh',
    'ws://one.example//',
    'ws://one.example?x=1',
    'ws://user@one.example',
    'ws://user:secret@one.example',
    'ws://one example',
    'ws://one..example',
    'ws://-one.example',
    'ws://one.example-',
    'ws://one.example.',
    'ws://1.2.3.256',
    'ws://1.2.3',
    'ws://1.2.3.04',
    'ws://0x7f000001',
    'ws://[::1',
    'ws://::1',
    'ws://[1::2::3]',
    'ws://[1:2:3:4:5:6:7]',
    'ws://[1:2:3:4:5:6:7:8:9]',
    'ws://[12345::]',
    'ws://[fe80::1%25eth0]',
    'ws://[::1.2.3]',
    'ws://büro.example',
    `ws://${'a'.repeat(64)}`,
    `ws://${'a.'.repeat(127)}a`,
    'javascript://one.example',
  ])('is not %s', text => {
    expect(codeOf(text)).toBe('USAGE')
  })

  it('may name the key that the server must prove', () => {
    const { publicKey } = identityOf(1)
    const text = `wss://one.example/#${encodeKey(publicKey)}`
    expect(parseServerUrl(text)).toEqual({
      scheme: 'wss',
      host: 'one.example',
      port: 443,
      key: publicKey,
    })
    expect(codeOf('wss://one.example/#key_0OIl')).toBe('INVALID_KEY')
    expect(codeOf('wss://one.example#key_')).toBe('INVALID_KEY')
    expect(codeOf('wss://one.example#')).toBe('USAGE')
    expect(codeOf(`${text}1`)).toBe('INVALID_KEY')
  })

  it('is short in messages, and shows no password', () => {
    const messageOf = (text: string): string => {
      try {
        parseServerUrl(text)
        return ''
      } catch (error) {
        return (error as MeshError).message
      }
    }
    expect(messageOf('ws://user:secret@one.example')).not.toContain('secret')
    expect(messageOf(`ws://${'x'.repeat(5_000)}`).length).toBeLessThan(200)
  })
})

describe('a host', () => {
  const part = fc.constantFrom(
    '0',
    '00',
    '1',
    'a0',
    'ffff',
    '::',
    ':',
    '.',
    '1.2.3.4',
    '255',
    '256',
    '',
  )

  it('is written as URL parsers write it, or refused', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.boolean(), (parts, isBracketed) => {
        const text = isBracketed ? `[${parts.join('')}]` : parts.join('')
        const canonical = canonicalHost(text)
        if (canonical !== undefined) expect(new URL(`ws://${text}`).hostname).toBe(canonical)
      }),
      { seed: 3, numRuns: 3_000 },
    )
  })

  it('of eight groups is always taken, however it is written', () => {
    const groups = fc.array(fc.constantFrom(0, 0, 0, 1, 0xff, 0xffff), {
      minLength: 8,
      maxLength: 8,
    })
    fc.assert(
      fc.property(groups, values => {
        const text = `[${values.map(value => value.toString(16)).join(':')}]`
        const canonical = canonicalHost(text)
        expect(canonical).toBe(new URL(`ws://${text}`).hostname)
        expect(canonicalHost(canonical ?? '')).toBe(canonical)
      }),
      { seed: 4, numRuns: 1_000 },
    )
  })
})
