import { describe, expect, it } from 'vitest'
import { kindsOf } from './relay-kinds.ts'

function kindsOfUrls(...urls: string[]): string[] {
  return kindsOf({ endpoints: urls.map(url => ({ url })), meta: new Map() })
}

function operatorOf(...entries: [string, string][]): string[] {
  return kindsOf({ endpoints: [], meta: new Map(entries) })
}

describe('the kinds of a relay', () => {
  it.each([
    ['wss://203.7.113.9', 'v4:203.7'],
    ['ws://203.7.0.1:8080/mesh', 'v4:203.7'],
    ['wss://[2001:db8::1]:443', 'v6:2001:db8'],
    ['wss://[2001:0DB8:0:0::1]/mesh', 'v6:2001:db8'],
    ['wss://[2001::1]', 'v6:2001:0'],
    ['wss://[2001:0:5::1]', 'v6:2001:0'],
    ['wss://one.example', 'name:one.example'],
    ['wss://a.b.One.Example:8443/mesh', 'name:one.example'],
    ['wss://server', 'name:server'],
  ])('at %s is %s', (url, kind) => expect(kindsOfUrls(url)).toEqual([kind]))

  it.each([
    'ws://localhost:8080',
    'ws://127.0.0.1',
    'ws://[::1]:80',
    'wss://10.1.2.3',
    'wss://192.168.0.4:443/mesh',
    'wss://[fd00::1]',
    'wss://[fe80::1]',
    'wss://[::ffff:203.7.113.9]',
    'wss://printer.local',
    'wss://999.1.1.1',
    'wss://-bad-.example',
    'wss://user:password@one.example',
    'http://one.example',
    'wss://',
    '',
  ])('at %j is none', url => expect(kindsOfUrls(url)).toEqual([]))

  it('are those of every address, each once', () => {
    expect(kindsOfUrls('wss://a.one.example', 'wss://203.7.1.1', 'wss://b.one.example')).toEqual([
      'name:one.example',
      'v4:203.7',
    ])
  })

  it('include the operator, however it is written', () => {
    expect(operatorOf(['operator', ' Somebody Inc '])).toEqual(['operator:somebody inc'])
    expect(operatorOf(['operator', '  '])).toEqual([])
    expect(operatorOf(['name', 'x'])).toEqual([])
  })
})
