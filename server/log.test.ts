// What the log says, and above all what it does not (docs/THREATS.md 32).

import { afterEach, describe, expect, it } from 'vitest'
import { createNode } from '../client/node.ts'
import { failLogIn, logIn, openWebSocket, rawConnect } from './testing/raw-client.ts'
import { startTestServer, stopAll } from './testing/test-server.ts'

afterEach(stopAll)

/** A busy life: good and bad logins, a message, pages, refusals, a restart's goodbye. */
async function liveOnce(logLevel: 'info' | 'debug') {
  const server = await startTestServer({ logLevel, limits: { maxUnauthenticatedLinks: 4 } })
  const options = { servers: [server.wsUrl], identity: 'ephemeral' } as const
  const [a, b] = await Promise.all([createNode(options), createNode(options)])
  await Promise.all([a.online(), b.online()])
  await a.lookup(b.key)
  await fetch(`${server.url}/healthz`)
  await fetch(`${server.url}/%`)
  const text = await openWebSocket(server.port)
  text.send('secret words')
  const half = rawConnect(server.port)
  half.socket.write('GET /secret-path HTTP/1.1\r\n')
  const link = await logIn(server.port)
  // Last: a server that is busy lets nobody in who has failed before.
  await failLogIn(server.port)
  const keys = [server.key, a.key, b.key]
  await server.close()
  await Promise.all([a.close(), b.close()])
  link.terminate()
  half.socket.destroy()
  return { log: server.log(), keys, port: server.port }
}

const ADDRESS = /\d+\.\d+\.\d+\.\d+|::|localhost/

describe('the log', () => {
  it('at info names no key, no address, no size, no path', async () => {
    const { log, keys } = await liveOnce('info')
    const lines = log
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ msg }) => msg)).toEqual([
      'the server node runs',
      'no public URL was given: logins made for any name are taken',
      'closing',
      'closed',
    ])
    for (const key of keys) expect(log).not.toContain(key.slice(4, 16))
    expect(log).not.toMatch(/key_|secret|\bbytes\b|\d B\b/i)
    expect(log).not.toMatch(ADDRESS)
    for (const line of lines) expect(Object.keys(line)).not.toContain('hostname')
  })

  it('at debug tells every message, still without keys, addresses and contents', async () => {
    const { log, keys } = await liveOnce('debug')
    expect(log).toContain('received hello')
    expect(log).toContain('sent welcome')
    for (const key of keys) expect(log).not.toContain(key.slice(4, 16))
    expect(log).not.toMatch(/key_|secret/)
    expect(log).not.toMatch(ADDRESS)
  })
})
