// What a server tells its operator of joining: each change once, and nothing that is not so.

import { afterEach, expect, it } from 'vitest'
import type { DialedFrom, NetworkView } from './server-node.ts'
import type { TestServer } from './testing/test-server.ts'
import { newFolder, startTestServer, stopAll } from './testing/test-server.ts'

const HERE = '127.0.0.1'

afterEach(stopAll)

/** Joins, and hears of it; `views` are what it was told. */
async function joinWith(
  seed: TestServer,
  data: string,
): Promise<{ server: TestServer; views: NetworkView[] }> {
  const views: NetworkView[] = []
  const server = await startTestServer({
    host: HERE,
    join: [seed.address],
    onNetwork: view => void views.push(view),
    data,
  })
  await expect.poll(() => server.network.state, { timeout: 15_000 }).toBe('joined')
  return { server, views }
}

it('is no failure where what it remembers lies at the private address that it was given', async () => {
  const seed = await startTestServer({ host: HERE })
  const data = await newFolder()
  const first = await joinWith(seed, data)
  expect(first.views.map(({ state }) => state)).toEqual(['joining', 'joined'])
  await first.server.close()
  // Records do not lead it to its own machine, as this is no lab; its operator does.
  const second = await joinWith(seed, data)
  expect(second.views).toEqual([{ state: 'joining' }, { state: 'joined', servers: 1 }])
})

it('says from where others dial it', async () => {
  const seed = await startTestServer({ host: HERE })
  const joined = async (options: { readonly lab?: boolean }): Promise<DialedFrom | undefined> => {
    let from: DialedFrom | undefined
    const server = await startTestServer({
      host: HERE,
      join: [seed.address],
      onNetwork: (_view, dialedFrom) => {
        from = dialedFrom
      },
      ...options,
    })
    await expect.poll(() => server.network.state, { timeout: 15_000 }).toBe('joined')
    return from
  }
  expect(await joined({})).toBe('nowhere')
  expect(await joined({ lab: true })).toBe('anywhere')
})

it('is in the log where nobody else is told, without the address', async () => {
  const gone = await startTestServer({ host: HERE })
  await gone.close()
  const silent = await startTestServer({ host: HERE, join: [gone.address] })
  await expect
    .poll(() => silent.log(), { timeout: 15_000 })
    .toMatch(/"level":40.*no server to join/)
  expect(silent.log()).not.toContain(gone.key)
  const told: NetworkView[] = []
  const telling = await startTestServer({
    host: HERE,
    join: [gone.address],
    onNetwork: view => void told.push(view),
  })
  await expect
    .poll(() => told.at(-1), { timeout: 15_000 })
    .toMatchObject({
      failure: { code: 'UNREACHABLE' },
    })
  expect(telling.log()).not.toContain('"level":40')
})
