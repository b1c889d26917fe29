// A server made to dial into internal networks (docs/THREATS.md 28): addresses that strangers wrote into their
// records reach nobody. Real sockets, real listeners, a DNS that lies.

import type { AddressInfo, LookupFunction } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { parseServerUrl } from '../../shared/node/address/server-url.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import {
  MAX_UNKNOWN_DIALS_PER_ADDRESS,
  MAX_UNTRUSTED_DIALS_PER_NETWORK,
} from '../../shared/wire/limits.ts'
import { BusyDoors } from './busy-doors.ts'
import type { Resolve } from './dial-guard.ts'
import { guardDial, publicResolver, resolveLocally } from './dial-guard.ts'
import { dialWebSocket } from './ws-dial.ts'

/** What the attacker's nameserver says. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'loop.example': ['127.0.0.1'],
  'loop6.example': ['::1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'any.example': ['0.0.0.0'],
  'any6.example': ['::'],
  'lan.example': ['192.168.1.1'],
  'both.example': ['10.0.0.1', 'fd00::1'],
  'metadata.example': ['169.254.169.254'],
  'metadata6.example': ['fd00:ec2::254'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'sixtofour.example': ['2002:7f00:1::'],
  'text.example': ['localhost', '127.1', '0x7f000001'],
  localhost: ['127.0.0.1', '::1'],
  'router.lan': ['192.168.0.1'],
}

const HOSTILE = [
  'wss://127.0.0.1',
  'wss://127.255.255.254',
  'wss://0.0.0.0',
  'wss://10.0.0.1',
  'wss://10.255.255.255',
  'wss://172.16.0.1',
  'wss://172.31.255.255',
  'wss://192.168.0.1',
  'wss://169.254.169.254',
  'wss://169.254.0.1',
  'wss://100.64.0.1',
  'wss://100.100.100.200',
  'wss://192.0.0.192',
  'wss://198.18.0.1',
  'wss://224.0.0.251',
  'wss://239.255.255.250',
  'wss://240.0.0.1',
  'wss://255.255.255.255',
  'wss://[::1]',
  'wss://[::]',
  'wss://[::ffff:127.0.0.1]',
  'wss://[::ffff:a9fe:a9fe]',
  'wss://[::127.0.0.1]',
  'wss://[fe80::1]',
  'wss://[fc00::1]',
  'wss://[fd00:ec2::254]',
  'wss://[ff02::1]',
  'wss://[64:ff9b::7f00:1]',
  'wss://[2002:7f00:1::]',
  'wss://[2001:0:7f00:1::]',
  'wss://[2001:db8::1]',
  ...Object.keys(NAMES).map(name => `wss://${name}`),
  // Over plain ws:// not even to public addresses.
  'ws://127.0.0.1',
  'ws://localhost',
  'ws://8.8.8.8',
  'ws://public.example',
  // Not even addresses: the parser gives none of these to anybody.
  'wss://2130706433',
  'wss://0x7f000001',
  'wss://0177.0.0.1',
  'wss://127.1',
  'wss://[fe80::1%25lo]',
  'wss://user@127.0.0.1',
  'http://127.0.0.1/latest/meta-data#',
  'file:///etc/passwd',
] as const

const closers: (() => void)[] = []

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** On every address of this machine. */
async function countConnects(): Promise<{ port: number; count: () => number }> {
  let count = 0
  const server = createServer(socket => {
    count += 1
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, resolve))
  closers.push(() => server.close())
  return { port: (server.address() as AddressInfo).port, count: () => count }
}

const fakeDns: Resolve = async name => NAMES[name] ?? ['8.8.8.8']

function dial(url: ServerUrl, isLab = false, resolve = fakeDns): Promise<CloseReason | 'opened'> {
  return new Promise(settle => {
    const events = { opened: () => settle('opened'), failed: settle }
    dialWebSocket(url, events, guardDial(url, isLab, resolve))
  })
}

function parse(text: string, port: number): ServerUrl | undefined {
  try {
    return { ...parseServerUrl(text), port }
  } catch {
    return undefined
  }
}

function look(url: string, name: string, isLab = false, all = true) {
  const { lookup } = guardDial(parseServerUrl(url), isLab, fakeDns)
  return lookedUp(lookup, name, all)
}

function lookedUp(lookup: LookupFunction, name: string, all: boolean): Promise<unknown> {
  return new Promise(settle => {
    lookup(name, { all }, (error, address, family) => {
      settle(error === null ? { address, family } : error.code)
    })
  })
}

describe('hostile addresses in records', () => {
  it(`reach nobody, any of ${HOSTILE.length}`, async () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(40)
    const { port, count } = await countConnects()
    const urls = HOSTILE.map(text => parse(text, port)).filter(url => url !== undefined)
    const outcomes = await Promise.all(urls.map(url => dial(url)))
    expect(urls.filter((_, at) => outcomes[at] !== 'refused')).toEqual([])
    expect(urls).toHaveLength(HOSTILE.length - 8)
    expect(count()).toBe(0)
  })

  it('would reach somebody, were they not refused', async () => {
    const { port, count } = await countConnects()
    const reachable = ['wss://127.0.0.1', 'wss://loop.example', 'wss://localhost', 'ws://localhost']
    for (const text of reachable) {
      const url = parse(text, port)
      if (url !== undefined) expect(await dial(url, true)).toBe('unreachable')
    }
    expect(count()).toBe(reachable.length)
  })

  it('are resolved once: what was judged is what is dialed', async () => {
    const { port, count } = await countConnects()
    let asked = 0
    const rebinding: Resolve = async () => {
      asked += 1
      return [asked === 1 ? '10.0.0.1' : '127.0.0.1']
    }
    const url = { scheme: 'wss', host: 'rebind.example', port } as const
    expect(await dial(url, false, rebinding)).toBe('refused')
    expect(asked).toBe(1)
    expect(count()).toBe(0)
  })

  it('that have no address, or no answer, are unreachable', async () => {
    const url = { scheme: 'wss', host: 'none.example', port: 1 } as const
    expect(await dial(url, false, async () => [])).toBe('unreachable')
    expect(await dial(url, false, () => Promise.reject(new Error('SERVFAIL')))).toBe('unreachable')
  })

  it('given up, tell nothing more', async () => {
    const events: string[] = []
    for (const host of ['127.0.0.1', 'loop.example']) {
      const url = { scheme: 'wss', host, port: 1 } as const
      dialWebSocket(
        url,
        { opened: () => events.push('opened'), failed: () => events.push('failed') },
        guardDial(url, false, fakeDns),
      )()
    }
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(events).toEqual([])
  })
})

describe('the allowed addresses of a name', () => {
  const MIXED = ['10.0.0.1', '8.8.8.8', '::1', '2606:4700::1111', '127.0.0.1']
  const mixed = (all: boolean): Promise<unknown> => {
    const url = parseServerUrl('wss://mixed.example')
    return lookedUp(guardDial(url, false, async () => MIXED).lookup, 'mixed.example', all)
  }

  it('are the public ones', async () => {
    expect(await mixed(true)).toEqual({
      address: [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ],
    })
    expect(await mixed(false)).toEqual({ address: '8.8.8.8', family: 4 })
  })

  it('are few, however many it has', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => `8.8.${n >> 8}.${n & 255}`)
    const { lookup } = guardDial(parseServerUrl('wss://many.example'), false, async () => many)
    const { address } = (await lookedUp(lookup, 'many.example', true)) as { address: unknown[] }
    expect(address).toHaveLength(4)
  })

  it('are dialed few times at once, whatever names lead there (threat 9)', async () => {
    const doors = new BusyDoors()
    const victim: Resolve = async () => ['8.8.8.8']
    const knock = async (number: number, port = 443) => {
      const name = `n${number}.evil.example`
      const guard = guardDial(parseServerUrl(`wss://${name}:${port}`), false, victim, doors)
      return { guard, answer: await lookedUp(guard.lookup, name, false) }
    }
    const open = { address: '8.8.8.8', family: 4 }
    const first = await knock(0)
    expect(first.answer).toEqual(open)
    for (let i = 1; i < MAX_UNKNOWN_DIALS_PER_ADDRESS; i++) {
      expect((await knock(i)).answer).toEqual(open)
    }
    expect((await knock(98)).answer).toBe('ADDRESS_BUSY')
    expect((await knock(98, 8_443)).answer).toEqual(open)
    first.guard.ended()
    first.guard.ended()
    expect((await knock(99)).answer).toEqual(open)
    expect((await knock(100)).answer).toBe('ADDRESS_BUSY')
  })

  it('are dialed few times at once though they are written out, and few of one network', () => {
    const doors = new BusyDoors()
    const knock = (text: string) => guardDial(parseServerUrl(text), false, fakeDns, doors)
    const guards = Array.from({ length: MAX_UNKNOWN_DIALS_PER_ADDRESS }, () =>
      knock('wss://8.8.8.8'),
    )
    expect(guards.map(({ refusal }) => refusal)).toEqual(guards.map(() => undefined))
    expect(knock('wss://8.8.8.8').refusal).toBe('busy')
    guards[0]?.ended()
    expect(knock('wss://8.8.8.8').refusal).toBeUndefined()
    for (let port = MAX_UNKNOWN_DIALS_PER_ADDRESS; port < MAX_UNTRUSTED_DIALS_PER_NETWORK; port++) {
      expect(knock(`wss://8.8.8.9:${port}`).refusal).toBeUndefined()
    }
    expect(knock('wss://8.8.8.10').refusal).toBe('busy')
    expect(knock('wss://8.8.4.4').refusal).toBeUndefined()
    expect(knock('wss://10.0.0.1').refusal).toBe('refused')
  })

  it('of a dial that was given up meanwhile hold nothing up', async () => {
    const doors = new BusyDoors()
    const url = parseServerUrl('wss://late.example')
    for (let i = 0; i <= MAX_UNKNOWN_DIALS_PER_ADDRESS; i++) {
      const guard = guardDial(url, false, async () => ['8.8.8.8'], doors)
      guard.ended()
      expect(await lookedUp(guard.lookup, 'late.example', false)).toMatchObject({ family: 4 })
    }
  })

  it('are private ones too in a laboratory, but nothing odd, and over ws:// only this machine', async () => {
    expect(await look('wss://lan.example', 'lan.example', true)).toMatchObject({
      address: [{ address: '192.168.1.1' }],
    })
    expect(await look('wss://any.example', 'any.example', true)).toBe('ADDRESS_REFUSED')
    expect(await look('ws://lan.example', 'lan.example', true)).toBe('ADDRESS_REFUSED')
    expect(await look('ws://localhost', 'localhost', true)).toMatchObject({
      address: [{ address: '127.0.0.1' }, { address: '::1' }],
    })
  })
})

describe('names', () => {
  it('of this machine are known to the system', async () => {
    expect(await resolveLocally('localhost')).toContain('127.0.0.1')
  })

  it('that are none resolve to nothing', async () => {
    expect(await publicResolver()('a..b')).toEqual([])
  })
})
