// A server that is told to join one that does not answer: it serves all the same, says soon what is wrong, and
// joins by itself once the other is there (scenario R21).

import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { closing } from './fixtures/cleanup.ts'
import { figure } from './fixtures/figures.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'

const SAID_WITHIN_MS = 15_000
/** It is tried again half a minute later at the latest. */
const JOINED_WITHIN_MS = 40_000

/** Takes connections at that port and never says a word. */
async function openMuteDoor(port: number): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const door = createServer(socket => void sockets.add(socket.on('error', () => {})))
  await new Promise<void>(resolve => door.listen(port, '127.0.0.1', resolve))
  return {
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => door.close(() => resolve()))
    },
  }
}

it('says that nobody answers, serves alone, and joins when somebody does', async () => {
  const seed = await closing(startMeshServer())
  await seed.kill()
  const { port, origin } = new URL(seed.address)
  const door = await openMuteDoor(Number(port))

  const startedAt = performance.now()
  const server = await closing(startMeshServer(seed.address))
  const failure = await server.said(({ event }) => event === 'network', SAID_WITHIN_MS)
  const saidMs = performance.now() - startedAt
  expect(failure).toMatchObject({
    state: 'joining',
    code: 'UNREACHABLE',
    message: `The server ${origin} did not answer in time.`,
  })
  expect(saidMs).toBeLessThan(SAID_WITHIN_MS)
  expect(await server.health()).toMatchObject({ status: 'ok', servers: 0 })

  await door.close()
  await seed.startAgain()
  const backAt = performance.now()
  await server.said(({ state }) => state === 'joined', JOINED_WITHIN_MS)
  const joinedMs = performance.now() - backAt
  expect(await server.health()).toMatchObject({ servers: 1 })
  figure('R21', {
    'said that nobody answers, ms': Math.round(saidMs),
    'joined after the other came up, ms': Math.round(joinedMs),
  })
}, 90_000)
