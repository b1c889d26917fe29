// A server node's life: it starts, is found twice, keeps what it has, says what is wrong, leaves nothing.

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { MeshNode } from '../client/api.ts'
import { createNode } from '../client/node.ts'
import { closeCodeOf, logIn, rawConnect } from './testing/raw-client.ts'
import { newFolder, startTestServer, stopAll } from './testing/test-server.ts'

const nodes: MeshNode[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(node => node.close()))
  await stopAll()
})

async function attach(url: string): Promise<MeshNode> {
  const node = await createNode({ servers: [url], identity: 'ephemeral' })
  nodes.push(node)
  await node.online()
  return node
}

describe('a server node', () => {
  it('carries a message between two clients and counts what it holds', async () => {
    const server = await startTestServer()
    const [a, b] = await Promise.all([attach(server.wsUrl), attach(server.wsUrl)])
    // Theirs, and its own.
    expect(server.stats()).toMatchObject({ links: 2, records: 3, unauthenticatedLinks: 0 })
    const received = b.messages()[Symbol.asyncIterator]().next()
    expect((await a.send(b.key, 'hello')).status).toBe('delivered')
    expect((await received).value.data).toBe('hello')
  })

  it('leaves nothing behind: no connection, no port, no lock', async () => {
    const server = await startTestServer()
    const link = await logIn(server.port)
    const page = rawConnect(server.port)
    await new Promise(resolve => page.socket.once('connect', resolve))
    const closed = closeCodeOf(link)
    await server.close()
    await Promise.all([closed, page.ended])
    await expect.poll(() => server.stats()).toMatchObject({ links: 0, connections: 0 })
    const again = await startTestServer({ port: server.port, data: server.data })
    expect(again.key).toBe(server.key)
  })

  it('says goodbye with its reason and how long to stay away', async () => {
    const server = await startTestServer()
    const link = await logIn(server.port)
    const messages: Uint8Array[] = []
    link.on('message', (data: Buffer) => void messages.push(data))
    const closed = closeCodeOf(link)
    await server.close({ retryAfterMs: 5_000 })
    expect(await closed).toBe(4_001)
    expect(messages.at(-1)?.[0]).toBe(0x07)
  })

  it('ends in time although a client neither answers nor reads', async () => {
    const server = await startTestServer()
    const link = await logIn(server.port)
    link.pause()
    const started = performance.now()
    await server.close()
    expect(performance.now() - started).toBeLessThan(4_000)
    link.terminate()
  })

  it('closes once however often it is asked', async () => {
    const server = await startTestServer()
    await Promise.all([server.close(), server.close()])
    await server.close()
  })

  it('keeps its key and its records over a restart', async () => {
    const server = await startTestServer()
    const client = await attach(server.wsUrl)
    await server.close()
    const again = await startTestServer({ data: server.data })
    expect(again.key).toBe(server.key)
    expect(again.stats().records).toBe(2)
    const other = await attach(again.wsUrl)
    expect((await other.lookup(client.key)).key).toBe(client.key)
  })
})

describe('what a server node cannot start with', () => {
  it('a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const data = await newFolder()
    await expect(startTestServer({ port, data })).rejects.toMatchObject({
      code: 'IN_USE',
      message: `Port ${port} is used by another program.`,
    })
    await new Promise(resolve => other.close(resolve))
    // Nothing of the first attempt is in the way of the next.
    await startTestServer({ port, data })
  })

  it('a data folder in use', async () => {
    const server = await startTestServer()
    await expect(startTestServer({ data: server.data })).rejects.toMatchObject({ code: 'IN_USE' })
  })

  it('a data folder in use, whatever is in it: it is not read before it is locked', async () => {
    const server = await startTestServer()
    await writeFile(join(server.data, 'identity'), 'damaged')
    await expect(startTestServer({ data: server.data })).rejects.toMatchObject({ code: 'IN_USE' })
  })

  it('a damaged identity, which leaves no lock behind', async () => {
    const data = await newFolder()
    const file = join(data, 'identity')
    await writeFile(file, 'damaged')
    await expect(startTestServer({ data })).rejects.toMatchObject({ code: 'CORRUPT' })
    await writeFile(file, `keymesh-identity-1 ${'01'.repeat(32)}\n`)
    await startTestServer({ data })
  })

  it('a damaged identity, which stays as it is', async () => {
    const data = await newFolder()
    const file = join(data, 'identity')
    await writeFile(file, 'keymesh-identity-1 0123')
    await expect(startTestServer({ data })).rejects.toMatchObject({ code: 'CORRUPT' })
    expect(await readFile(file, 'latin1')).toBe('keymesh-identity-1 0123')
  })

  it('a data folder that is a file, or a store that is a folder', async () => {
    const data = await newFolder()
    await writeFile(join(data, 'file'), '')
    await expect(startTestServer({ data: join(data, 'file') })).rejects.toMatchObject({
      code: 'STORAGE',
    })
    await mkdir(join(data, 'records'))
    await expect(startTestServer({ data })).rejects.toMatchObject({ code: 'STORAGE' })
  })

  it.each([
    [{ port: -1 }, /not a port/],
    [{ port: 70_000 }, /not a port/],
    [{ join: ['ws://203.0.113.1'] }, /not encrypted/],
    [{ join: ['what'] }, /not a server address/],
    [{ tlsCert: 'cert.pem' }, /both a certificate and its key/],
    [{ tlsCert: '/nowhere/c.pem', tlsKey: '/nowhere/k.pem' }, /cannot be read/],
    [{ publicUrls: ['ftp://x'] }, /not a server address/],
    [{ network: 'abc' }, /32 hex digits/],
    [{ host: '203.0.113.1', insecure: true }, /cannot listen there/],
  ])('%j', async (options, message) => {
    await expect(startTestServer(options)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    })
  })
})

describe('damaged records', () => {
  it('are moved aside, said in the log, and come back from the clients', async () => {
    const server = await startTestServer()
    const client = await attach(server.wsUrl)
    await server.close()
    const file = join(server.data, 'records')
    const bytes = await readFile(file)
    bytes[bytes.length - 40] = (bytes.at(-40) ?? 0) ^ 1
    await writeFile(file, bytes)

    const again = await startTestServer({ data: server.data, port: server.port })
    expect(again.stats().records).toBe(1)
    expect(again.log()).toContain('the stored records were damaged')
    const aside = (await readdir(server.data)).filter(name => name.startsWith('records.damaged-'))
    expect(aside).toHaveLength(1)
    await expect.poll(() => again.stats().records, { timeout: 15_000 }).toBe(2)
    await expect.poll(() => client.status.state).toBe('online')
  })

  it('cut short lose only what was cut', async () => {
    const server = await startTestServer()
    await attach(server.wsUrl)
    await attach(server.wsUrl)
    await server.close()
    const file = join(server.data, 'records')
    const bytes = await readFile(file)
    await writeFile(file, bytes.subarray(0, bytes.length - 10))
    const again = await startTestServer({ data: server.data })
    expect(again.stats().records).toBe(2)
  })
})

describe('the folder of a running server', () => {
  it('is closed to other users', async () => {
    const { data } = await startTestServer()
    for (const name of ['identity', 'records', 'tls.pem']) {
      expect((await stat(join(data, name))).mode & 0o077).toBe(0)
    }
  })
})
