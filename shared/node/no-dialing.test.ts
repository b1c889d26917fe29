// Nobody can make a node dial (docs/THREATS.md 28): the addresses in a record are shown, never dialed.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { createIdentity } from '../identity/identity.ts'
import { recordBody } from '../wire/registry-bodies.ts'
import { encodeRequest } from '../wire/rpc-messages.ts'
import { originOf } from './address/server-url.ts'
import { MiniWorld, START_UNIX_MS } from './testing/mini-world.ts'
import { recordOf } from './testing/records.ts'

const HOSTS = [
  ...['localhost', '127.0.0.1', '127.8.8.8', '0.0.0.0', '0177.0.0.1', '2130706433', '0x7f000001'],
  ...['10.0.0.1', '10.255.255.254', '172.16.0.1', '172.31.255.1', '192.168.0.1', '192.168.1.254'],
  ...[
    '169.254.169.254',
    '169.254.0.1',
    '100.64.0.1',
    '224.0.0.1',
    '239.255.255.250',
    '255.255.255.255',
  ],
  ...[
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:10.0.0.1]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd12::1]',
  ],
  ...[
    '[ff02::1]',
    '[64:ff9b::7f00:1]',
    'metadata.internal',
    'router.lan',
    'printer.local',
    'intranet',
  ],
]
const URLS = [
  ...HOSTS.map(host => `ws://${host}`),
  ...HOSTS.slice(0, 8).map(host => `wss://${host}:22`),
]

describe('a record with hostile addresses', () => {
  it.each(URLS)('makes neither server nor client dial %s', url => {
    const world = new MiniWorld()
    const dialed: string[] = []
    const connect = world.connect.bind(world)
    world.connect = (dialer, link, to) => {
      dialed.push(originOf(to))
      connect(dialer, link, to)
    }
    const server = world.server('server')
    const mallory = world.client('mallory', [server])
    const alice = world.client('alice', [server])
    world.run(1_000)
    const { bytes } = recordOf(createIdentity(nodeSuite, mallory.seed), {
      type: 'server',
      seq: START_UNIX_MS + 60_000,
      endpoints: [{ url }],
    })
    const request = { id: 9, method: 'publish', body: recordBody(bytes) }
    world.inject(mallory, server, encodeRequest(request))
    world.run(1_000)
    const found = alice.lookup(mallory.key)
    const dial = alice.dial(mallory)
    world.run(20_000)
    const answer = alice.answer(found)
    expect(answer?.kind === 'found' && answer.record.record.endpoints).toEqual([{ url }])
    expect(alice.verdict(dial)).not.toBe('dialed')
    expect(new Set(dialed)).toEqual(new Set(['ws://server']))
  })
})
