import { describe, expect, it } from 'vitest'
import type { NodeStatus, ServerStatus } from '../../client/api.ts'
import type { Phase } from './status-line.ts'
import { statusLine } from './status-line.ts'

const NOW = 1_000_000
const running: Phase = { kind: 'running' }
const error = { code: 'UNREACHABLE', message: 'one.example did not answer' } as const

function server(state: ServerStatus['state'], more: Partial<ServerStatus> = {}): ServerStatus {
  return { url: 'wss://one.example', state, ...more }
}

function line(state: NodeStatus['state'], ...servers: ServerStatus[]) {
  return statusLine(running, { state, servers }, NOW, 0)
}

describe('statusLine', () => {
  it('while the page starts', () => {
    expect(statusLine({ kind: 'starting' }, { state: 'connecting', servers: [] }, NOW, 0)).toEqual({
      tone: 'busy',
      text: 'Starting…',
    })
  })

  it('connecting', () => {
    expect(line('connecting')).toEqual({ tone: 'busy', text: 'Connecting…' })
    expect(line('connecting', server('connecting'))).toEqual({
      tone: 'busy',
      text: 'Connecting to one.example…',
    })
  })

  it('online', () => {
    expect(line('online')).toEqual({ tone: 'good', text: 'Online' })
    expect(line('online', server('online')).text).toBe('Online via one.example')
    expect(line('online', server('online', { rttMs: 12.4 }))).toEqual({
      tone: 'good',
      text: 'Online via one.example',
      time: '12 ms',
    })
    expect(
      line('online', server('waiting'), server('online', { url: 'ws://localhost:8080' })).text,
    ).toBe('Online via localhost:8080')
    expect(line('online', server('online', { rttMs: 3 }), server('online'))).toEqual({
      tone: 'good',
      text: 'Online via one.example and 1 more',
    })
  })

  it.each([
    ['no server', [], 'No server is set.'],
    ['no reason', [server('waiting')], 'No server can be reached.'],
    ['a reason', [server('waiting', { error })], 'one.example did not answer.'],
    [
      'a reason and a time',
      [server('waiting', { error, retryAt: NOW + 4_200 })],
      'one.example did not answer. Trying again in 5 s.',
    ],
    [
      'a time that comes',
      [server('waiting', { retryAt: NOW })],
      'No server can be reached. Trying again…',
    ],
    [
      'one that is tried right now',
      [server('waiting', { error, retryAt: NOW + 9_000 }), server('connecting')],
      'one.example did not answer. Trying again…',
    ],
    [
      'the nearest of several times',
      [
        server('waiting', { retryAt: NOW + 9_000 }),
        server('waiting', { error, retryAt: NOW + 3_000 }),
      ],
      'one.example did not answer. Trying again in 3 s.',
    ],
  ])('offline with %s', (_, servers, reason) => {
    expect(line('offline', ...servers)).toMatchObject({ tone: 'bad', text: 'Offline', reason })
  })

  it.each([
    [3_000, undefined],
    [3_001, true],
    [60_000, true],
  ])('offers to try now when that is %d ms away', (ms, isTryWorth) => {
    expect(line('offline', server('waiting', { retryAt: NOW + ms })).isTryWorth).toBe(isTryWorth)
    const trying = line('offline', server('waiting', { retryAt: NOW + ms }), server('connecting'))
    expect(trying.isTryWorth).toBeUndefined()
  })

  it.each([
    [1, 'No server – 1 peer connected'],
    [2, 'No server – 2 peers connected'],
  ])('without a server goes on with those who are connected: %d', (connected, text) => {
    const status = { state: 'offline', servers: [server('waiting', { error })] } as const
    expect(statusLine(running, status, NOW, connected)).toEqual({
      tone: 'busy',
      text,
      reason: 'one.example did not answer.',
    })
    const closed = { state: 'closed', servers: [] } as const
    expect(statusLine(running, closed, NOW, connected).text).toBe('Stopped')
  })

  it('closed', () => {
    expect(line('closed')).toEqual({
      tone: 'bad',
      text: 'Stopped',
      reason: 'Reload the page to connect again.',
    })
  })

  it('when the start failed', () => {
    const status: NodeStatus = { state: 'closed', servers: [] }
    expect(
      statusLine({ kind: 'failed', problem: { sentence: 'No storage.' } }, status, NOW, 0).reason,
    ).toBe('No storage.')
  })

  it('shows a server by its host, never by what a hostile address adds', () => {
    const url = `wss://one.example:8443/#key_${'x'.repeat(44)}`
    expect(line('online', server('online', { url })).text).toBe('Online via one.example:8443')
    const long = line('online', server('online', { url: `wss://${'a'.repeat(300)}` }))
    expect(long.text.length).toBeLessThan(70)
  })

  it('cleans what a server says', () => {
    const hostile = { code: 'UNREACHABLE', message: 'no\u202e\u0000\n\nway' } as const
    expect(line('offline', server('waiting', { error: hostile })).reason).toBe('No way.')
  })
})
