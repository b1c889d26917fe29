import { describe, expect, it, vi } from 'vitest'
import { toHex } from '../shared/bytes/hex.ts'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { RELAY_BUDGET_MIN_BYTES } from '../shared/wire/limits.ts'
import {
  firewall,
  messageIdOf,
  modeOf,
  networkId,
  ownSeed,
  parseServers,
  relayBudgetOf,
  timeoutOf,
} from './options.ts'

const usage = expect.objectContaining({ name: 'MeshError', code: 'USAGE' })

describe('parseServers', () => {
  it.each([
    'ws://localhost:8080',
    'http://LOCALHOST',
    'http://127.0.0.1:1',
    'ws://127.255.0.3',
    'ws://[::1]:8080',
    'wss://one.example',
    'https://one.example:8443',
  ])('takes %s', text => {
    expect(parseServers([text], false)).toHaveLength(1)
  })

  it.each([
    'ws://one.example',
    'http://10.0.0.2:8080',
    'ws://127.one.example',
    'ws://localhost.one.example',
  ])('takes %s only when told that plain text will do', text => {
    expect(() => parseServers([text], false)).toThrow(usage)
    expect(parseServers([text], true)).toHaveLength(1)
  })

  it('takes a server once, however it is written', () => {
    const texts = ['wss://one.example', 'https://ONE.example:443/', 'wss://one.example:444']
    expect(parseServers(texts, false).map(({ port }) => port)).toEqual([443, 444])
  })

  it.each(['', 'one.example', 'ftp://one.example', 'ws://one.example/path', 'ws://u@one.example'])(
    'refuses %j',
    text => {
      expect(() => parseServers([text], true)).toThrow(usage)
    },
  )
})

describe('relayBudgetOf', () => {
  it('is none unless given', () => {
    expect(relayBudgetOf(undefined)).toBeUndefined()
  })

  it.each([RELAY_BUDGET_MIN_BYTES, 10_000_000_000])('takes %i bytes', bytesPerDay => {
    expect(relayBudgetOf({ bytesPerDay })).toBe(bytesPerDay)
  })

  it.each([0, -1, RELAY_BUDGET_MIN_BYTES - 1, 2_000_000.5, Number.NaN, Infinity])(
    'refuses %d bytes',
    bytesPerDay => {
      expect(() => relayBudgetOf({ bytesPerDay })).toThrow(RangeError)
    },
  )

  it.each([{}, 5, null, true, '1G', [], { bytesPerDay: '5000000' }])(
    'refuses %j, rather than relay nothing in silence',
    relay => {
      expect(() => relayBudgetOf(relay as never)).toThrow(/^relay\.bytesPerDay is a whole number/)
    },
  )
})

describe('networkId', () => {
  it('is the open network when left out', () => {
    expect(toHex(networkId(undefined, nobleSuite))).toBe(
      toHex(nobleSuite.sha256(new TextEncoder().encode('keymesh/open/1'))).slice(0, 32),
    )
  })

  it('reads 32 hex digits, of either case, and nothing else', () => {
    const text = '00112233445566778899AABBCCDDEEFF'
    expect(toHex(networkId(text, nobleSuite))).toBe(text.toLowerCase())
    for (const bad of ['', text.slice(1), `${text}0`, `${text.slice(1)}g`]) {
      expect(() => networkId(bad, nobleSuite)).toThrow(usage)
    }
  })
})

describe('ownSeed', () => {
  it('copies 32 bytes and refuses anything else', () => {
    const seed = new Uint8Array(32).fill(1)
    const copy = ownSeed(seed)
    copy.fill(0)
    expect(seed[0]).toBe(1)
    expect(() => ownSeed(new Uint8Array(31))).toThrow(RangeError)
    expect(() => ownSeed('x'.repeat(32) as never)).toThrow(RangeError)
  })
})

describe('firewall', () => {
  it('asks with the key as text', () => {
    const { publicKey, keyText } = createIdentity(nobleSuite, new Uint8Array(32).fill(7))
    expect(firewall(key => key === keyText).acceptPeer?.(publicKey)).toBe(true)
    expect(firewall(() => false).acceptPeer?.(publicKey)).toBe(false)
    expect(firewall(undefined)).toEqual({})
  })

  it('refuses when the application throws, which hears of it outside of the node', () => {
    const { publicKey } = createIdentity(nobleSuite, new Uint8Array(32).fill(7))
    const fault = new Error('of the application')
    const later: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (task: () => void) => later.push(task))
    const { acceptPeer } = firewall(() => {
      throw fault
    })
    try {
      expect(acceptPeer?.(publicKey)).toBe(false)
    } finally {
      vi.unstubAllGlobals()
    }
    expect(later).toHaveLength(1)
    expect(later[0]).toThrow(fault)
  })
})

describe('timeoutOf', () => {
  it.each([0, 1, 1.5, 2 ** 31 - 1])('takes %d', ms => expect(timeoutOf(ms, 7)).toBe(ms))
  it.each([-1, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', ms => {
    expect(() => timeoutOf(ms, 7)).toThrow(RangeError)
  })
  it('has a default', () => expect(timeoutOf(undefined, 7)).toBe(7))
})

describe('modeOf', () => {
  it.each(['fast', 'relay', 'private'] as const)('takes %s', mode => {
    expect(modeOf(mode)).toEqual({ mode })
  })
  it('is empty when left out', () => expect(modeOf(undefined)).toEqual({}))
  it.each(['Private', '', 'onion', null, 3])('refuses %j, rather than use a laxer mode', mode => {
    expect(() => modeOf(mode as never)).toThrow(RangeError)
  })
})

describe('the id of a message', () => {
  it('is 32 hex digits of the caller, or none', () => {
    expect(messageIdOf(undefined)).toBeUndefined()
    expect(messageIdOf('0aF0'.repeat(8))).toEqual(
      Uint8Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? 0x0a : 0xf0)),
    )
    for (const text of ['', 'a'.repeat(31), 'a'.repeat(33), 'g'.repeat(32)]) {
      expect(() => messageIdOf(text)).toThrow(expect.objectContaining({ code: 'USAGE' }))
    }
  })
})
