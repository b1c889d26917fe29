// What a browser is served, and what slow or odd HTTP clients get.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { rawConnect } from './testing/raw-client.ts'
import { newFolder, startTestServer, stopAll } from './testing/test-server.ts'

afterEach(stopAll)

async function startWithPages() {
  const webRoot = await newFolder()
  await mkdir(join(webRoot, 'assets'))
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(webRoot, 'assets', 'index-Bx3k_9aZ.js'), 'export {}')
  await writeFile(join(webRoot, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(webRoot, '.inputs'), 'secret')
  return startTestServer({ webRoot })
}

describe('the web client', () => {
  it('is served with a policy that runs nothing of others', async () => {
    const { url } = await startWithPages()
    const response = await fetch(url)
    expect(await response.text()).toContain('<title>page</title>')
    const policy = response.headers.get('content-security-policy')?.split(';')
    expect(policy).toEqual([
      "default-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "connect-src 'self' ws: wss:",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
    expect(response.headers.get('x-powered-by')).toBeNull()
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(response.headers.get('strict-transport-security')).toBeNull()
  })

  it.each([
    ['/', 'no-cache'],
    ['/index.html', 'no-cache'],
    ['/favicon.svg', 'no-cache'],
    ['/assets/index-Bx3k_9aZ.js', 'public, max-age=31536000, immutable'],
  ])('%s is cached as %s', async (path, caching) => {
    const { url } = await startWithPages()
    expect((await fetch(url + path)).headers.get('cache-control')).toBe(caching)
  })

  it.each(['/nothing', '/.inputs', '/..%2f..%2fetc%2fpasswd', '/assets/', '/__proto__', '/mesh'])(
    '%s is not found',
    async path => {
      const { url } = await startWithPages()
      const response = await fetch(url + path)
      const text = await response.text()
      expect([400, 403, 404]).toContain(response.status)
      expect(text).not.toContain('secret')
      expect(text).not.toMatch(/node_modules|at .*\.js:\d/)
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
    },
  )

  it.each(['/%', '/%E0%A4%A', '/%00'])('%s is answered without a stack trace', async path => {
    const { url } = await startWithPages()
    const response = await fetch(url + path)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    expect(await response.text()).not.toMatch(/at .*:\d+/)
  })

  it('takes no other method than GET and HEAD', async () => {
    const { url } = await startWithPages()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await fetch(url, { method })).status).toBe(405)
    }
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
  })

  it('says so when it is not built', async () => {
    const { url } = await startTestServer({ webRoot: await newFolder() })
    expect((await fetch(url)).status).toBe(404)
  })
})

describe('a name of others that leads here (DNS rebinding)', () => {
  it.each(['/', '/healthz'])('reads nothing of %s', async path => {
    const server = await startWithPages()
    const { socket, ended, received } = rawConnect(server.port)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)
    await ended
    expect(received()).toMatch(/^HTTP\/1\.1 421 /)
    expect(received()).toContain('--public-url')
    expect(received()).not.toContain(server.key)
  })
})

describe('/healthz', () => {
  it('tells counts and the key', async () => {
    const { url, key, port } = await startTestServer()
    const response = await fetch(`${url}/healthz`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const counts = { links: 0, servers: 0, records: 1, relayedBytes: 0, stun: port, uptime: 0 }
    expect(await response.json()).toEqual({ status: 'ok', key, ...counts })
  })
})

describe('a slow HTTP client', () => {
  const deadlines = { headTimeoutMs: 200, requestTimeoutMs: 300, checkIntervalMs: 50 }

  it.each([
    ['says nothing', ''],
    ['sends its head in drops', 'GET / HTTP/1.1\r\nHost: x\r\nX-A'],
    ['upgrades in drops', 'GET /mesh HTTP/1.1\r\nUpgrade: websock'],
    ['never sends its body', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n'],
  ])('that %s is cut', async (_, text) => {
    const server = await startTestServer({ limits: deadlines })
    const clients = Array.from({ length: 20 }, () => rawConnect(server.port))
    for (const { socket } of clients) {
      for (const byte of text) socket.write(byte)
    }
    await Promise.all(clients.map(({ ended }) => ended))
    await expect.poll(() => server.stats().connections).toBe(0)
  })

  it('with too large a head is refused', async () => {
    const server = await startTestServer()
    const { socket, ended, received } = rawConnect(server.port)
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(9_000)}\r\n\r\n`)
    await ended
    expect(received()).toMatch(/^HTTP\/1\.1 431 /)
  })
})
