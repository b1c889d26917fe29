import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { keyArgument, nodeOptions, webRtcSwitch, wholeNumber } from './options.ts'

const signal = new AbortController().signal
const flags = { timeout: 1, discovery: true, lan: true }

describe('nodeOptions', () => {
  it.each([
    ['the options', { server: ['a', 'b'] }, { KEYMESH_SERVERS: 'c' }, ['a', 'b']],
    ['the environment', {}, { KEYMESH_SERVERS: ' c, d ,' }, ['c', 'd']],
    ['this machine', {}, {}, ['http://localhost:8080']],
    [
      'this machine when the variable is empty',
      {},
      { KEYMESH_SERVERS: ' ,' },
      ['http://localhost:8080'],
    ],
  ])('takes servers from %s', (_, some, env, servers) => {
    expect(nodeOptions({ ...flags, ...some }, env, 'kept', signal).servers).toEqual(servers)
  })

  it('keeps the identity of the folder, or makes one up when none is named', () => {
    const of = (use: 'kept' | 'ephemeral', some = {}) => {
      const { identity, data } = nodeOptions({ ...flags, ...some }, {}, use, signal)
      return { identity, data }
    }
    expect(of('kept')).toEqual({})
    expect(of('kept', { data: 'x' })).toEqual({ data: 'x' })
    expect(of('ephemeral')).toEqual({ identity: 'ephemeral' })
    expect(of('ephemeral', { data: 'x' })).toEqual({ data: 'x' })
  })

  it('leaves the mode to the library unless one is given', () => {
    expect(nodeOptions(flags, {}, 'kept', signal)).not.toHaveProperty('mode')
    expect(nodeOptions({ ...flags, mode: 'relay' }, {}, 'kept', signal).mode).toBe('relay')
  })

  it('relays for nobody unless told to', () => {
    expect(nodeOptions(flags, {}, 'kept', signal)).not.toHaveProperty('relay')
    const relay = { bytesPerDay: 2_000_000 }
    const told = nodeOptions({ ...flags, relayPerDay: 2_000_000 }, {}, 'kept', signal)
    expect(told.relay).toEqual(relay)
  })

  it('leaves it to the library to find servers, unless told not to', () => {
    const of = (discovery: boolean) => nodeOptions({ ...flags, discovery }, {}, 'kept', signal)
    expect(of(true)).not.toHaveProperty('discoverServers')
    expect(of(false)).toHaveProperty('discoverServers', false)
  })

  it.each([
    [{}, {}, undefined],
    [{ webrtc: 'on' }, { KEYMESH_WEBRTC: 'off' }, undefined],
    [{ webrtc: 'off' }, {}, false],
    [{}, { KEYMESH_WEBRTC: 'off' }, false],
    [{ webrtc: 'local' }, { KEYMESH_WEBRTC: 'off' }, { localAddresses: true }],
  ] as const)('of %j with %j connects directly as %j', (some, env, webrtc) => {
    expect(nodeOptions({ ...flags, ...some }, env, 'kept', signal).webrtc).toEqual(webrtc)
  })

  it.each([
    [{}, {}, undefined],
    [{ webrtc: 'local' }, { KEYMESH_WEBRTC: 'off' }, undefined],
    [{ webrtc: 'off' }, { KEYMESH_WEBRTC: 'off' }, '--webrtc off'],
    [{}, { KEYMESH_WEBRTC: 'off' }, 'KEYMESH_WEBRTC=off'],
  ] as const)('of %j with %j names as the switch of WebRTC %j', (some, env, words) => {
    expect(webRtcSwitch({ ...flags, ...some }, env)).toBe(words)
  })

  it('passes the network on, and that plain text will do', () => {
    const options = nodeOptions({ ...flags, network: 'n', insecure: true }, {}, 'kept', signal)
    expect(options).toMatchObject({ network: 'n', insecure: true, signal })
  })
})

describe('keyArgument', () => {
  const { keyText } = createIdentity(nobleSuite, new Uint8Array(32).fill(1))

  it('takes a key, with the blanks that copying brings along', () => {
    expect(keyArgument(` ${keyText}\n`)).toBe(keyText)
  })

  it.each(['', 'key_', keyText.slice(0, -4), keyText.toLowerCase(), `${keyText}1111`])(
    'refuses %j',
    text => {
      expect(() => keyArgument(text)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
    },
  )
})

describe('wholeNumber', () => {
  const parse = wholeNumber(1, 100)
  it.each([
    ['1', 1],
    ['100', 100],
    ['007', 7],
  ])('takes %s', (text, value) => expect(parse(text)).toBe(value))
  it.each(['0', '101', '-1', '1.5', '1e1', '0x10', '', ' 1', 'ten'])('refuses %j', text => {
    expect(() => parse(text)).toThrow('It must be a whole number from 1 to 100.')
  })
})
