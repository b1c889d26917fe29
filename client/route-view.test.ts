import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { parseServerUrl } from '../shared/node/address/server-url.ts'
import type { RouteView } from '../shared/node/routes/route-views.ts'
import { explanationOf, routesOf } from './route-view.ts'

const [me, ann, relay] = [1, 2, 3].map(n => createIdentity(nobleSuite, new Uint8Array(32).fill(n)))
if (!me || !ann || !relay) throw new Error('three identities are needed')

const metrics = { hops: 1, latencyMs: 24, isMeasured: true, reliability: 0.9, bytesPerS: 1e6 }
const score = { total: 49, latency: 24, hops: 20, reliability: 5, throughput: 0 }
const failure = { code: 'OFFLINE', message: 'Away.' } as const
const base = { relays: [relay.keyId], metrics, score }
const views: readonly RouteView[] = [
  { ...base, state: 'active', rttMs: 23, openedBy: 'peer' },
  { ...base, relays: [], state: 'failed', failure },
]
const written = { source: me.keyText, destination: ann.keyText, metrics, score }
const routes = [
  { ...written, hops: [relay.keyText], state: 'active', rttMs: 23, openedBy: 'peer' },
  { ...written, hops: [], state: 'failed', error: failure },
]

describe('routesOf', () => {
  it('writes keys as text, and both ends of each route', () => {
    expect(routesOf(views, me.keyText, ann.keyId)).toEqual(routes)
  })
})

describe('explanationOf', () => {
  it('tells times by the clock, and keys as text', () => {
    const explanation = explanationOf(
      {
        mode: 'relay',
        record: 'found',
        type: 'server',
        recordAgeMs: 400,
        homes: [relay.keyId],
        servers: [{ url: parseServerUrl('wss://one.example'), state: 'waiting', failure }],
        routes: views,
        tried: [
          { step: 'lookup', relays: [], agoMs: 50, tookMs: 10 },
          { step: 'circuit', relays: [relay.keyId], agoMs: 40, tookMs: 20, failure },
        ],
      },
      me.keyText,
      ann.keyId,
      1_000,
    )
    expect(explanation).toEqual({
      key: ann.keyText,
      mode: 'relay',
      record: 'found',
      type: 'server',
      lastSeen: 600,
      homes: [relay.keyText],
      servers: [{ url: 'wss://one.example', state: 'waiting', error: failure }],
      routes,
      steps: [
        { step: 'lookup', hops: [], startedAt: 950, tookMs: 10 },
        { step: 'circuit', hops: [relay.keyText], startedAt: 960, tookMs: 20, error: failure },
      ],
    })
  })

  it('leaves out what is not known', () => {
    const nothing = { homes: [], servers: [], routes: [], tried: [] }
    const view = { mode: 'fast', record: 'noAnswer', ...nothing } as const
    const explanation = explanationOf(view, me.keyText, ann.keyId, 1_000)
    expect(Object.keys(explanation)).not.toContain('lastSeen')
    expect(Object.keys(explanation)).not.toContain('type')
  })
})
