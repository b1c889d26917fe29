// A server that terminates TLS itself: pages and links are encrypted, and a link is bound to the certificate.

import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createNode } from '../client/node.ts'
import { rawConnect } from './testing/raw-client.ts'
import { newFolder, startTestServer, stopAll } from './testing/test-server.ts'
import { writeTlsFiles } from './testing/tls-files.ts'

afterEach(stopAll)

async function startTls() {
  return startTestServer(await writeTlsFiles(await newFolder()))
}

describe('a server with a certificate', () => {
  it('serves pages over https and tells browsers to stay there', async () => {
    const server = await startTls()
    expect(server.url).toBe(`https://localhost:${server.port}`)
    const request = get(`https://127.0.0.1:${server.port}/healthz`, { rejectUnauthorized: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    expect(response.headers['strict-transport-security']).toMatch(/max-age=\d+/)
    response.resume()
  })

  it('takes links that are pinned to its key', async () => {
    const server = await startTls()
    const servers = [`wss://127.0.0.1:${server.port}/#${server.key}`]
    const node = await createNode({ servers, identity: 'ephemeral' })
    await node.online()
    expect(server.stats()).toMatchObject({ links: 1, unauthenticatedLinks: 0 })
    await node.close()
    await expect.poll(() => server.stats()).toMatchObject({ links: 0, connections: 0 })
  })

  it('is not believed without a pin, as nobody vouches for it', async () => {
    const server = await startTls()
    const servers = [`wss://127.0.0.1:${server.port}`]
    const node = await createNode({ servers, identity: 'ephemeral' })
    await expect(node.online({ timeoutMs: 500 })).rejects.toThrow('The server')
    expect(server.stats().links).toBe(0)
    await node.close()
  })

  it('cuts who connects and never shakes hands', async () => {
    const data = await newFolder()
    const limits = { headTimeoutMs: 200, checkIntervalMs: 50 }
    const server = await startTestServer({ ...(await writeTlsFiles(data)), limits })
    const silent = rawConnect(server.port)
    const odd = rawConnect(server.port)
    odd.socket.write('GET / HTTP/1.1\r\n\r\n')
    await Promise.all([silent.ended, odd.ended])
    await expect.poll(() => server.stats().connections).toBe(0)
  })

  it('ends in time with open connections', async () => {
    const server = await startTls()
    const half = rawConnect(server.port)
    await once(half.socket, 'connect')
    await server.close()
    await half.ended
  })
})

describe('a certificate', () => {
  it('that is not that of the key is refused', async () => {
    const data = await newFolder()
    const files = await writeTlsFiles(data)
    const { privateKey } = generateKeyPairSync('ed25519')
    const tlsKey = join(data, 'other.pem')
    await writeFile(tlsKey, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const text = join(data, 'text.pem')
    await writeFile(text, 'no certificate')
    for (const wrong of [
      { ...files, tlsKey },
      { ...files, tlsCert: text },
    ]) {
      await expect(startTestServer(wrong)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('do not make a TLS server'),
      })
    }
  })
})
