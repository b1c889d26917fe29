// The entry for Node against a disk, but no server: what createNode opens, and that it lets go of it.

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { createIdentity } from '../shared/identity/identity.ts'
import { createNode, storedKey } from './node.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-node-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('createNode', () => {
  it('keeps its identity in the folder, one node at a time', async () => {
    const node = await createNode({ data: folder })
    await expect(createNode({ data: folder })).rejects.toMatchObject({ code: 'IN_USE' })
    expect(await storedKey(folder)).toBe(node.key)
    await node.close()
    const again = await createNode({ data: folder })
    expect(again.key).toBe(node.key)
    await again.close()
    expect(await readdir(folder)).toEqual(['identity', 'state'])
  })

  it('makes a new key each time when it is ephemeral, and touches no folder', async () => {
    const nodes = await Promise.all(
      [1, 2].map(() => createNode({ identity: 'ephemeral', data: join(folder, 'x') })),
    )
    expect(new Set(nodes.map(({ key }) => key)).size).toBe(2)
    await Promise.all(nodes.map(node => node.close()))
    expect(await readdir(folder)).toEqual([])
  })

  it('takes a seed of the caller’s own, and leaves it alone', async () => {
    const identity = new Uint8Array(32).fill(5)
    const node = await createNode({ identity })
    expect(node.key).toBe(createIdentity(nobleSuite, identity).keyText)
    await node.close()
    expect(identity).toEqual(new Uint8Array(32).fill(5))
  })

  it.each([
    ['a server that is no address', { servers: ['nonsense'] }, 'USAGE'],
    ['a server without encryption', { servers: ['ws://192.0.2.1'] }, 'USAGE'],
    ['a key of a server that is none', { servers: ['wss://192.0.2.1/#key_1'] }, 'INVALID_KEY'],
    ['a network that is none', { network: 'x' }, 'USAGE'],
    ['a signal that is aborted', { signal: AbortSignal.abort() }, 'ABORTED'],
  ])('refuses %s, and leaves the folder free', async (_, options, code) => {
    await expect(createNode({ data: folder, ...options })).rejects.toMatchObject({ code })
    await (await createNode({ data: folder })).close()
  })

  it('fails in time without a server, with a reason', async () => {
    const node = await createNode({ identity: 'ephemeral' })
    const options = { timeoutMs: 20 }
    await expect(node.online(options)).rejects.toMatchObject({ code: 'TIMEOUT' })
    const key = await storedKey(folder)
    await expect(node.dial(key, options)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await expect(node.send(key, 'x', options)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await expect(node.lookup(key, options)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    await node.close()
  })
})

describe('a process', () => {
  const run = (script: string) => {
    const module = JSON.stringify(new URL('./node.ts', import.meta.url).href)
    const code = script.replace('MODULE', module)
    return promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', code])
  }

  it('starts nothing by the import alone', async () => {
    const { stdout } = await run(
      'import(MODULE).then(() => console.log(process.getActiveResourcesInfo().join()))',
    )
    expect(stdout.trim()).not.toMatch(/Timeout|Immediate|Socket|Server|Pipe.*Server/)
  })

  it('ends by itself after close', async () => {
    const { stdout } = await run(
      `import(MODULE).then(async ({ createNode }) => {
        const node = await createNode({ identity: 'ephemeral', servers: ['ws://127.0.0.1:1'] })
        await node.close()
        console.log('closed')
      })`,
    )
    expect(stdout).toBe('closed\n')
  })
})
