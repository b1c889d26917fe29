// TLS of a server: with a certificate of its operator or of its own making, on the port that plain HTTP has
// too. A link is bound to the certificate; without TLS only this machine is served.

import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createNode } from '../client/node.ts'
import { makeSelfSigned } from '../host/node/self-signed.ts'
import { createLog } from './log.ts'
import type { RawSocket } from './testing/raw-client.ts'
import { logIn, rawConnect, UPGRADE } from './testing/raw-client.ts'
import type { TestServer } from './testing/test-server.ts'
import { newFolder, startTestServer, stopAll } from './testing/test-server.ts'
import { writeTlsFiles } from './testing/tls-files.ts'
import { ownTls } from './tls.ts'

afterEach(async () => {
  vi.restoreAllMocks()
  await stopAll()
})

const NOW = Date.parse('2026-03-01T12:00:00Z')
const YEAR_MS = 365 * 86_400_000

/** What a client sees of TLS on `port`. */
async function shakeHands(port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  return socket
}

async function healthOver(port: number): Promise<IncomingMessage> {
  const request = get(`https://127.0.0.1:${port}/healthz`, { rejectUnauthorized: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  return response
}

async function online(server: string, run: () => void): Promise<void> {
  const node = await createNode({ servers: [server], identity: 'ephemeral' })
  await node.online()
  run()
  await node.close()
}

/** A client is told of the server's fault, however long it takes to come to it, and is not attached. */
async function expectDistrust({ port, stats }: TestServer): Promise<void> {
  const node = await createNode({ servers: [`wss://127.0.0.1:${port}`], identity: 'ephemeral' })
  await new Promise<void>(resolve => {
    const look = (): void => {
      if (node.status.state === 'offline') resolve()
    }
    node.addEventListener('status', look)
    look()
  })
  await expect(node.online({ timeoutMs: 500 })).rejects.toThrow('The server')
  expect(stats().links).toBe(0)
  await node.close()
}

async function startTls() {
  return startTestServer(await writeTlsFiles(await newFolder()))
}

describe('a server with a certificate of its operator', () => {
  it('serves pages over https and tells browsers to stay there', async () => {
    const server = await startTls()
    expect(server.url).toBe(`https://localhost:${server.port}`)
    const response = await healthOver(server.port)
    expect(response.statusCode).toBe(200)
    expect(response.headers['strict-transport-security']).toMatch(/max-age=\d+/)
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
    await expectDistrust(server)
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

describe('a server without one', () => {
  it('makes its own: links are encrypted from the first start, and the page needs nothing', async () => {
    const server = await startTestServer()
    expect(server.url).toBe(`http://localhost:${server.port}`)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const response = await healthOver(server.port)
    expect(response.statusCode).toBe(200)
    // Nobody could check it, so nobody is told to insist on it.
    expect(response.headers['strict-transport-security']).toBeUndefined()
    expect(server.address).toMatch(/^wss:\/\/[^/]+:\d+\/#key_/)
    await online(server.address, () => expect(server.stats().links).toBe(1))
    await online(server.wsUrl, () => expect(server.stats().links).toBe(1))
  })

  it('takes a link that is pinned, and one that is not only over plain ws:// on this machine', async () => {
    const server = await startTestServer({ host: '127.0.0.1' })
    expect(server.address).toBe(`wss://127.0.0.1:${server.port}/#${server.key}`)
    await online(server.address, () => expect(server.stats().links).toBe(1))
    await expectDistrust(server)
  })

  it('shows the same one after a restart', async () => {
    const { port, data, close } = await startTestServer()
    const before = (await shakeHands(port)).getPeerCertificate().fingerprint256
    await close()
    const again = await startTestServer({ data })
    expect((await shakeHands(again.port)).getPeerCertificate().fingerprint256).toBe(before)
  })

  it('speaks TLS 1.3, or 1.2, and HTTP/1.1 inside', async () => {
    const { port } = await startTestServer()
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        maxVersion: version,
        ALPNProtocols: ['h2', 'http/1.1'],
      })
      await once(socket, 'secureConnect')
      expect(socket.getProtocol()).toBe(version)
      expect(socket.alpnProtocol).toBe('http/1.1')
      socket.destroy()
    }
  })

  it('ends in time with connections in every state', async () => {
    const server = await startTestServer()
    const silent = rawConnect(server.port)
    const half = rawConnect(server.port)
    half.socket.write(Buffer.from([0x16, 3, 1]))
    const page = rawConnect(server.port)
    page.socket.write('GET / HT')
    const shaken = await shakeHands(server.port)
    const link = await logIn(server.port)
    await expect.poll(() => server.stats().connections).toBe(5)
    const ended = once(shaken, 'close')
    shaken.on('error', () => {})
    await server.close()
    await Promise.all([silent.ended, half.ended, page.ended, ended])
    await expect.poll(() => server.stats().connections).toBe(0)
    link.terminate()
  })
})

describe('a slow handshake', () => {
  const limits = { headTimeoutMs: 200, checkIntervalMs: 50 }
  /** The head of a ClientHello of 512 bytes. */
  const HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])

  it.each([
    ['says nothing', Buffer.alloc(0)],
    ['begins and stops', HELLO.subarray(0, 1)],
    ['comes in drops', HELLO],
    ['is none', Buffer.from([0x16, 0x16, 0x16, 0x16, 0x16, 0x16])],
  ])('that %s is cut', async (_, bytes) => {
    const server = await startTestServer({ limits })
    const clients: RawSocket[] = Array.from({ length: 20 }, () => rawConnect(server.port))
    for (const { socket } of clients) {
      socket.setNoDelay(true)
      for (const byte of bytes) socket.write(Buffer.of(byte))
    }
    await Promise.all(clients.map(({ ended }) => ended))
    await expect.poll(() => server.stats().connections).toBe(0)
  })

  it('is counted with the others of its address', async () => {
    const server = await startTestServer({ limits: { maxPerAddress: 3 } })
    const clients = Array.from({ length: 5 }, () => rawConnect(server.port))
    for (const { socket } of clients) socket.write(HELLO)
    await Promise.all(clients.slice(3).map(({ ended }) => ended))
    expect(server.stats()).toMatchObject({ connections: 3, refused: 2 })
    for (const { socket } of clients) socket.destroy()
  })
})

describe('without TLS, from another machine', () => {
  /** Node asks the kernel here, whom every socket of this machine would tell the truth. */
  function comeFrom(address: string): void {
    const prototype = Socket.prototype as unknown as { _getpeername(): object }
    vi.spyOn(prototype, '_getpeername').mockReturnValue({ address, port: 1, family: 'IPv4' })
  }

  async function ask(port: number, text: string): Promise<string> {
    const raw = rawConnect(port)
    raw.socket.write(text)
    await raw.ended
    return raw.received()
  }

  const PAGE = 'GET / HTTP/1.1\r\nHost: One.example:8080\r\nConnection: close\r\n\r\n'
  const LINK = UPGRADE.replace('Host: localhost', 'Host: one.example:8080')

  it.each([
    ['a page', PAGE],
    ['a link', LINK],
  ])('%s is refused with the address to use', async (_, text) => {
    const server = await startTestServer()
    for (const address of ['203.0.113.9', '192.168.1.9', '2a00::9']) {
      comeFrom(address)
      const answer = await ask(server.port, text)
      expect(answer).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/)
      expect(answer).toMatch(/\r\nUpgrade: TLS\/1\.2, HTTP\/1\.1\r\n/i)
      expect(answer).toContain(
        'speaks TLS: https://one.example:8080, for nodes wss://one.example:8080\n',
      )
      expect(answer).not.toContain(server.key)
    }
  })

  it('nothing is written back that a page could run', async () => {
    comeFrom('203.0.113.9')
    const { port } = await startTestServer()
    const answer = await ask(port, PAGE.replace('One.example', '<script>'))
    expect(answer).toMatch(/\r\nContent-Type: text\/plain/i)
    expect(answer).toContain('This keymesh server speaks TLS\n')
    expect(answer).not.toContain('script>')
  })

  it.each([
    ['203.0.113.9', { trustProxy: true }, 426],
    ['10.0.0.9', { trustProxy: true }, 200],
    ['203.0.113.9', { insecure: true }, 200],
  ])('%s is answered by a server with %j: %i', async (address, options, status) => {
    comeFrom(address)
    const { port } = await startTestServer({ ...options, webRoot: import.meta.dirname })
    const answer = await ask(port, PAGE.replace('/ HTTP', '/healthz HTTP'))
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  it('all is well over TLS', async () => {
    comeFrom('203.0.113.9')
    const { port } = await startTestServer()
    expect((await healthOver(port)).statusCode).toBe(200)
  })
})

describe('the certificate of its own', () => {
  const log = createLog('silent')

  it('is made once, whole, and for its owner only', async () => {
    const data = await newFolder()
    const made = await ownTls(data, NOW, log)
    expect(made.isSelfMade).toBe(true)
    expect((await stat(join(data, 'tls.pem'))).mode & 0o777).toBe(0o600)
    expect(await readdir(data)).toEqual(['tls.pem'])
    expect(new X509Certificate(made.cert).subject).toBe('CN=keymesh')
    expect(await ownTls(data, NOW + 9 * YEAR_MS, log)).toEqual(made)
  })

  it('is made anew when it is over', async () => {
    const data = await newFolder()
    const made = await ownTls(data, NOW, log)
    const next = await ownTls(data, NOW + 10 * YEAR_MS, log)
    expect(next.certSha256).not.toEqual(made.certSha256)
    expect(await ownTls(data, NOW + 10 * YEAR_MS, log)).toEqual(next)
  })

  const damages: [string, (pem: string) => string][] = [
    ['is empty', () => ''],
    ['is something else', () => 'no certificate'],
    ['was cut short', pem => pem.slice(0, -100)],
    ['has lost its key', pem => pem.slice(pem.indexOf('-----BEGIN CERTIFICATE'))],
    ['has lost its certificate', pem => pem.slice(0, pem.indexOf('-----BEGIN CERTIFICATE'))],
    ['has another key', pem => makeSelfSigned(NOW).split('-----BEGIN CERT')[0] + pem],
  ]

  it.each(damages)('that %s is made anew, and said in the log', async (_, damage) => {
    const server = await startTestServer()
    await server.close()
    const file = join(server.data, 'tls.pem')
    const before = await readFile(file, 'utf8')
    await writeFile(file, damage(before))
    const again = await startTestServer({ data: server.data })
    expect(again.log()).toContain('the TLS certificate was damaged or over')
    expect(again.key).toBe(server.key)
    expect(await readFile(file, 'utf8')).not.toContain(before.slice(-200))
    expect((await healthOver(again.port)).statusCode).toBe(200)
  })

  it('that cannot be read or written is said', async () => {
    const data = await newFolder()
    await writeFile(join(data, 'file'), '')
    await expect(ownTls(join(data, 'file'), NOW, log)).rejects.toMatchObject({ code: 'STORAGE' })
  })
})

describe('a certificate of files', () => {
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
