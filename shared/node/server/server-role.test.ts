import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../../crypto/noble-suite.ts'
import { wsBinding } from '../../link/binding.ts'
import type { NodeConfig } from '../config.ts'
import { MeshNodeCore } from '../core.ts'
import { serverRole } from './server-role.ts'

const TIME = { now: 0, unixMs: 1_800_000_000_000 }
const ORIGIN = 'wss://one.example'
const RELAY = { bytesPerS: 1e6, burstBytes: 1e6 }
const CLIENT: NodeConfig = {
  suite: nobleSuite,
  random: length => new Uint8Array(length).fill(7),
  seed: new Uint8Array(32).fill(1),
  type: 'client',
  net: new Uint8Array(16),
  servers: [],
}

describe('the role of a server', () => {
  it('is for servers, and servers need it', () => {
    const start = (config: NodeConfig) => () => new MeshNodeCore(config, TIME)
    expect(start(CLIENT)).not.toThrow()
    expect(start({ ...CLIENT, type: 'server', serverRole, relay: RELAY })).not.toThrow()
    expect(start({ ...CLIENT, type: 'server' })).toThrow(RangeError)
    expect(start({ ...CLIENT, serverRole })).toThrow(RangeError)
    expect(start({ ...CLIENT, relay: RELAY })).toThrow(RangeError)
  })

  it('answers by every origin, with the certificate and, for browsers, without', () => {
    const certSha256 = new Uint8Array(32).fill(9)
    const channel = { origins: [ORIGIN], addressClass: 'public' } as const
    expect(serverRole.answer(nobleSuite, channel).bindings).toEqual([wsBinding(nobleSuite, ORIGIN)])
    expect(serverRole.answer(nobleSuite, { ...channel, certSha256 }).bindings).toEqual([
      wsBinding(nobleSuite, ORIGIN, certSha256),
      wsBinding(nobleSuite, ORIGIN),
    ])
  })
})

describe('a client', () => {
  it('closes a link that somebody opens to it', () => {
    const core = new MeshNodeCore(CLIENT, TIME)
    const link = core.newIncomingLink()
    const channel = { origins: [ORIGIN], addressClass: 'public' } as const
    core.handle(TIME, { kind: 'linkAccepted', link, channel })
    expect(core.poll()).toEqual({ kind: 'closeLink', link, reason: 'refused' })
    expect(core.load.links).toBe(0)
  })
})
