// The client against a core that a test plays: commands are looked at, events are told.

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { parseServerUrl } from '../shared/node/address/server-url.ts'
import type { AttachmentView, PresenceView } from '../shared/node/effects.ts'
import type { Command } from '../shared/node/inputs.ts'
import { recordOf } from '../shared/node/testing/records.ts'
import type { Message, NodeEvents, Peer } from './api.ts'
import { encodeMessageData } from './message-data.ts'
import type { NodeClient } from './node-client.ts'
import { ann, bob, me, playCore } from './testing/played-core.ts'

const ID = new Uint8Array(16).fill(9)
const url = parseServerUrl('wss://one.example')

let commands: readonly Command[]
let loaded: string[] = []
let isDisposed = false
let client: NodeClient

beforeEach(() => {
  loaded = []
  isDisposed = false
  ;({ client, commands } = playCore(1_000, {
    randomBytes: length => new Uint8Array(length).fill(9),
    loadSeed: async data => {
      loaded.push(data)
      return new Uint8Array(32).fill(7)
    },
    dispose: async () => {
      isDisposed = true
    },
  }))
})

const last = (): Command | undefined => commands.at(-1)

function settled(ok: Parameters<NodeClient['onEvent']>[0] & { kind: 'done' | 'failed' }): void {
  client.onEvent(ok)
}

/** What the core says when a session with Ann is up. */
async function dialAnn(): Promise<Peer> {
  const dialed = client.dial(ann.keyText)
  client.onEvent({ kind: 'peerUp', peer: ann.keyId, isIncoming: false })
  const command = last()
  if (command === undefined || !('request' in command)) throw new Error('nothing was asked')
  settled({ kind: 'done', request: command.request, outcome: { kind: 'dialed' } })
  return dialed
}

const message = (text: string, peer = ann.keyId) =>
  client.onEvent({ kind: 'message', peer, id: ID, data: encodeMessageData(text) })

const attached = (state: AttachmentView['state'], failure?: AttachmentView['failure']) =>
  client.onEvent({
    kind: 'attachments',
    attachments: [{ url, state, ...(failure !== undefined && { failure }) }],
  })

describe('requests', () => {
  it('dials with a default of ten seconds, and gives one handle for one session', async () => {
    const peer = await dialAnn()
    expect(commands).toEqual([{ kind: 'dial', request: 1, peer: ann.keyId, timeoutMs: 10_000 }])
    expect(peer.key).toBe(ann.keyText)
    expect(await dialAnn()).toBe(peer)
  })

  it('gives no handle for a session that the peer ended at once', async () => {
    const dialed = client.dial(ann.keyText)
    client.onEvent({ kind: 'peerUp', peer: ann.keyId, isIncoming: false })
    settled({ kind: 'done', request: 1, outcome: { kind: 'dialed' } })
    client.onEvent({ kind: 'peerDown', peer: ann.keyId })
    await expect(dialed).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('refuses its own key and texts that are no key, without a command', async () => {
    await expect(client.dial(me.keyText)).rejects.toMatchObject({ code: 'REFUSED' })
    await expect(client.send('key_x', 'hi')).rejects.toMatchObject({ code: 'INVALID_KEY' })
    await expect(client.lookup('')).rejects.toMatchObject({ code: 'INVALID_KEY' })
    expect(commands).toEqual([])
  })

  it('sends for at most thirty seconds and gives the receipt', async () => {
    const receipt = client.send(ann.keyText, 'hi', { timeoutMs: 60_000 })
    expect(last()).toMatchObject({ kind: 'send', peer: ann.keyId, id: ID, timeoutMs: 30_000 })
    settled({ kind: 'done', request: 1, outcome: { kind: 'delivered' } })
    expect(await receipt).toEqual({ id: '09'.repeat(16), status: 'delivered' })
  })

  it('fails with the code, sentence and hint of what the core tells', async () => {
    const dialed = client.dial(ann.keyText)
    settled({ kind: 'failed', request: 1, failure: { code: 'OFFLINE', message: 'Away.' } })
    await expect(dialed).rejects.toMatchObject({
      name: 'MeshError',
      code: 'OFFLINE',
      message: 'Away.',
      hint: expect.stringContaining('when the peer is online'),
    })
  })

  it('measures a round trip', async () => {
    const peer = await dialAnn()
    const rtt = peer.ping({ timeoutMs: 5 })
    expect(last()).toEqual({ kind: 'ping', request: 2, peer: ann.keyId, timeoutMs: 5 })
    settled({ kind: 'done', request: 2, outcome: { kind: 'pong', rttMs: 1.5 } })
    expect(await rtt).toBe(1.5)
  })

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'refuses a time limit of %d',
    async timeoutMs => {
      await expect(client.dial(ann.keyText, { timeoutMs })).rejects.toThrow(RangeError)
      await expect(client.send(ann.keyText, 'x', { timeoutMs })).rejects.toThrow(RangeError)
      await expect(client.online({ timeoutMs })).rejects.toThrow(RangeError)
      expect(commands).toEqual([])
    },
  )
})

describe('watching', () => {
  it('tells listeners in keys and records as they are written', () => {
    const heard: unknown[] = []
    const stop = client.watch(ann.keyText, presence => heard.push(presence))
    expect(commands).toEqual([{ kind: 'watch', key: ann.keyId }])
    const tell = (presence: Omit<PresenceView, 'key'>) =>
      client.onEvent({ kind: 'presence', presence: { key: ann.keyId, ...presence } })
    tell({ state: 'online', record: recordOf(ann, { servers: [bob.publicKey] }) })
    tell({ state: 'revoked', successor: bob.publicKey })
    const key = ann.keyText
    expect(heard).toEqual([
      { key, state: 'online', record: expect.objectContaining({ key, servers: [bob.keyText] }) },
      { key, state: 'revoked', successor: bob.keyText },
    ])
    stop()
    expect(last()).toEqual({ kind: 'unwatch', key: ann.keyId })
  })

  it('of texts that are no key, or at a closed node, is refused at once', async () => {
    expect(() => client.watch('key_x', () => {})).toThrow(
      expect.objectContaining({ code: 'INVALID_KEY' }),
    )
    await client.close()
    expect(() => client.watch(ann.keyText, () => {})).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    )
  })

  it('one’s own key is allowed', () => {
    client.watch(me.keyText, () => {})
    expect(last()).toEqual({ kind: 'watch', key: me.keyId })
  })
})

describe('revoking', () => {
  it('tells how many servers keep it and who succeeds, and closes the node', async () => {
    const seed = new Uint8Array(32).fill(3)
    const revoked = client.revoke({ successor: seed, timeoutMs: 5 })
    await Promise.resolve()
    expect(last()).toEqual({ kind: 'revoke', request: 1, successor: seed, timeoutMs: 5 })
    const given = last()
    const outcome = { kind: 'revoked', servers: 2, successor: bob.publicKey } as const
    settled({ kind: 'done', request: 1, outcome })
    expect(await revoked).toEqual({ key: me.keyText, servers: 2, successor: bob.keyText })
    // A copy, which is wiped.
    expect(given).toMatchObject({ successor: new Uint8Array(32) })
    expect(seed).toEqual(new Uint8Array(32).fill(3))
    expect(client.status.state).toBe('closed')
    expect(isDisposed).toBe(true)
  })

  it('takes the successor from where it is kept', async () => {
    const revoked = client.revoke({ successor: { data: 'folder' } })
    await new Promise(resolve => setImmediate(resolve))
    expect(loaded).toEqual(['folder'])
    expect(last()).toMatchObject({ successor: new Uint8Array(32).fill(7), timeoutMs: 10_000 })
    settled({ kind: 'done', request: 1, outcome: { kind: 'revoked', servers: 1 } })
    expect(await revoked).toEqual({ key: me.keyText, servers: 1 })
  })

  it('that fails leaves the node as it was', async () => {
    const revoked = client.revoke()
    await Promise.resolve()
    expect(last()).toEqual({ kind: 'revoke', request: 1, timeoutMs: 10_000 })
    settled({ kind: 'failed', request: 1, failure: { code: 'UNREACHABLE', message: 'Nobody.' } })
    await expect(revoked).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(client.status.state).not.toBe('closed')
  })

  it('with a successor that is no seed is a mistake', async () => {
    await expect(client.revoke({ successor: new Uint8Array(31) })).rejects.toThrow(RangeError)
    expect(commands).toEqual([])
  })
})

describe('online', () => {
  it('settles when a server is attached', async () => {
    const online = client.online()
    attached('connecting')
    attached('online')
    await online
    await client.online()
    expect(client.status.state).toBe('online')
  })

  it('gives the reason of the server when its time is up', async () => {
    vi.useFakeTimers()
    try {
      const silent = client.online({ timeoutMs: 100 })
      const silentEnd = expect(silent).rejects.toMatchObject({ code: 'TIMEOUT' })
      await vi.advanceTimersByTimeAsync(100)
      await silentEnd
      const refused = client.online({ timeoutMs: 100 })
      attached('waiting', { code: 'WRONG_NETWORK', message: 'Other network.' })
      const refusedEnd = expect(refused).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
      await vi.advanceTimersByTimeAsync(100)
      await refusedEnd
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('can be given up, and ends with the node', async () => {
    const controller = new AbortController()
    const aborted = client.online({ signal: controller.signal })
    const closed = client.online()
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    await Promise.all([expect(closed).rejects.toMatchObject({ code: 'CLOSED' }), client.close()])
    await expect(client.online()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('peers', () => {
  it('tells of those who dial us, by event and by loop', async () => {
    const heard: Peer[] = []
    client.addEventListener('peer', ({ detail }) => heard.push(detail))
    const accepted = client.accept()[Symbol.asyncIterator]()
    client.onEvent({ kind: 'peerUp', peer: bob.keyId, isIncoming: true })
    expect(heard.map(({ key }) => key)).toEqual([bob.keyText])
    expect((await accepted.next()).value).toBe(heard[0])
    await dialAnn()
    expect(heard).toHaveLength(1)
  })

  it('shows the path, its changes and its beginning', async () => {
    const attachments = [{ url, state: 'online', key: bob.keyId }] as const
    client.onEvent({ kind: 'attachments', attachments })
    const peer = await dialAnn()
    const paths: unknown[] = []
    peer.addEventListener('path', ({ detail }) => paths.push(detail))
    client.onEvent({ kind: 'peerPath', peer: ann.keyId, path: { hops: [bob.keyId], rttMs: 3 } })
    expect(peer.path).toEqual({ kind: 'relay', hops: [bob.keyText], rttMs: 3, since: 1_000 })
    client.onEvent({ kind: 'peerPath', peer: ann.keyId, path: undefined })
    expect(paths).toEqual([expect.objectContaining({ kind: 'relay' }), undefined])
  })

  it('closes a handle for good: it sends no more, and the next session has another', async () => {
    const peer = await dialAnn()
    const ends: unknown[] = []
    peer.addEventListener('close', ({ detail }) => ends.push(detail))
    const messages = peer.messages()[Symbol.asyncIterator]()
    const failure = { code: 'OFFLINE', message: 'Gone.' } as const
    client.onEvent({ kind: 'peerDown', peer: ann.keyId, failure })
    expect(ends).toEqual([{ error: expect.objectContaining(failure) }])
    expect(peer.isClosed).toBe(true)
    expect(await messages.next()).toMatchObject({ done: true })
    expect(await peer.messages()[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
    const before = commands.length
    await expect(peer.send('x')).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(peer.ping()).rejects.toMatchObject({ code: 'CLOSED' })
    await peer.close()
    expect(commands).toHaveLength(before)
    expect(await dialAnn()).not.toBe(peer)
  })

  it('hangs up when asked to', async () => {
    const peer = await dialAnn()
    await peer.close()
    expect(last()).toEqual({ kind: 'hangUp', peer: ann.keyId })
  })
})

describe('messages', () => {
  it('reach listeners and loops, and are counted as consumed once', async () => {
    const heard: NodeEvents['message'][] = []
    const loop = client.messages()[Symbol.asyncIterator]()
    client.addEventListener('message', ({ detail }) => heard.push(detail))
    message('hi')
    expect(heard).toMatchObject([{ from: ann.keyText, data: 'hi', id: '09'.repeat(16) }])
    expect(commands).toEqual([])
    expect((await loop.next()).value).toBe(heard[0])
    expect(commands).toEqual([{ kind: 'consumed', peer: ann.keyId, bytes: 3 }])
  })

  it('wait for the first listener', () => {
    message('early')
    const heard: Message[] = []
    client.addEventListener('message', ({ detail }) => heard.push(detail))
    expect(heard.map(({ data }) => data)).toEqual(['early'])
    expect(commands).toEqual([{ kind: 'consumed', peer: ann.keyId, bytes: 6 }])
  })

  it('can be answered, also after their session has ended', async () => {
    const loop = client.messages()[Symbol.asyncIterator]()
    message('hi')
    const { value } = await loop.next()
    client.onEvent({ kind: 'peerDown', peer: ann.keyId })
    const receipt = (value as Message).reply('yes')
    expect(last()).toMatchObject({ kind: 'send', peer: ann.keyId })
    settled({ kind: 'done', request: 1, outcome: { kind: 'delivered' } })
    await receipt
  })
})

describe('close', () => {
  it('ends everything that is open, once, and releases what the node held', async () => {
    const peer = await dialAnn()
    const sent = peer.send('x')
    const loop = client.messages()[Symbol.asyncIterator]().next()
    const accepted = client.accept()[Symbol.asyncIterator]().next()
    const closing = client.close()
    expect(client.close()).toBe(closing)
    await Promise.all([expect(sent).rejects.toMatchObject({ code: 'CLOSED' }), closing])
    expect(await loop).toMatchObject({ done: true })
    expect(await accepted).toMatchObject({ done: true })
    expect(peer.isClosed).toBe(true)
    expect(isDisposed).toBe(true)
    expect(client.status).toEqual({ state: 'closed', servers: [] })
    await expect(client.dial(ann.keyText)).rejects.toMatchObject({ code: 'CLOSED' })
    expect(await client.accept()[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
    expect(commands.filter(({ kind }) => kind === 'shutdown')).toHaveLength(1)
  })
})
