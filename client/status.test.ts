import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { parseServerUrl } from '../shared/node/address/server-url.ts'
import type { AttachmentView } from '../shared/node/effects.ts'
import type { NodeStatus } from './api.ts'
import { statusOf } from './status.ts'

const url = parseServerUrl('https://one.example')
const online: AttachmentView = { url, state: 'online' }
const connecting: AttachmentView = { url, state: 'connecting' }
const waiting: AttachmentView = {
  url,
  state: 'waiting',
  failure: { code: 'UNREACHABLE', message: 'Away.' },
  retryInMs: 500,
}
const statusBefore = (state: NodeStatus['state']): NodeStatus => ({ state, servers: [] })

describe('statusOf', () => {
  it.each([
    ['one is online', [waiting, online], 'connecting', 'online'],
    ['all are connecting', [connecting, connecting], 'connecting', 'connecting'],
    ['some wait while others connect', [waiting, connecting], 'connecting', 'connecting'],
    ['all wait', [waiting, waiting], 'connecting', 'offline'],
    ['one is tried again after all failed', [connecting, waiting], 'offline', 'offline'],
    ['the last one was lost and is tried again', [connecting], 'online', 'connecting'],
  ] as const)('when %s', (_, views, was, state) => {
    expect(statusOf(views, statusBefore(was), 0).state).toBe(state)
  })

  it('tells of each server what is known', () => {
    const { keyId, keyText } = createIdentity(nobleSuite, new Uint8Array(32).fill(1))
    const known: AttachmentView = { url, state: 'online', key: keyId, rttMs: 3 }
    const learned: AttachmentView = { ...connecting, isLearned: true }
    const views = [known, learned, waiting]
    expect(statusOf(views, statusBefore('connecting'), 1_000).servers).toEqual([
      { url: 'wss://one.example', state: 'online', key: keyText, rttMs: 3 },
      { url: 'wss://one.example', state: 'connecting', isLearned: true },
      {
        url: 'wss://one.example',
        state: 'waiting',
        error: { code: 'UNREACHABLE', message: 'Away.' },
        retryAt: 1_500,
      },
    ])
  })
})
