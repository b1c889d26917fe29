// Modes, routes and explanations, asked of a core that a test plays.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Command } from '../shared/node/inputs.ts'
import type { NodeClient } from './node-client.ts'
import { ann, me, playCore } from './testing/played-core.ts'

let commands: readonly Command[]
let client: NodeClient

beforeEach(() => {
  ;({ client, commands } = playCore(1_000))
})

const { keyText, keyId } = ann

describe('a mode', () => {
  it('is asked for with each dial and message that names one, and with no other', () => {
    void client.dial(keyText, { mode: 'relay' })
    void client.dial(keyText)
    void client.send(keyText, 'x', { mode: 'private' })
    void client.send(keyText, 'x')
    const modes = commands.map(command => ('mode' in command ? command.mode : undefined))
    expect(modes).toEqual(['relay', undefined, 'private', undefined])
    expect(commands.map(command => 'mode' in command)).toEqual([true, false, true, false])
  })

  it('that does not exist is refused, and nothing is sent', async () => {
    const mode = 'secret' as never
    await expect(client.dial(keyText, { mode })).rejects.toThrow(RangeError)
    await expect(client.send(keyText, 'x', { mode })).rejects.toThrow(RangeError)
    await expect(client.routes(keyText, { mode })).rejects.toThrow(RangeError)
    expect(commands).toEqual([])
  })
})

describe('routes', () => {
  it('are asked for by key, and told as routes of the public kind', async () => {
    const asked = client.routes(keyText, { mode: 'private', timeoutMs: 5 })
    expect(commands).toEqual([
      { kind: 'routes', request: 1, key: keyId, timeoutMs: 5, mode: 'private' },
    ])
    const metrics = { hops: 0, latencyMs: 3, isMeasured: true, reliability: 1 }
    const score = { total: 3, latency: 3, hops: 0, reliability: 0, throughput: 0 }
    client.onEvent({
      kind: 'done',
      request: 1,
      outcome: { kind: 'routes', routes: [{ relays: [], metrics, score, state: 'active' }] },
    })
    expect(await asked).toEqual([
      { source: me.keyText, destination: keyText, hops: [], metrics, score, state: 'active' },
    ])
  })

  it('to oneself and to texts that are no key are refused', async () => {
    await expect(client.routes(me.keyText)).rejects.toMatchObject({ code: 'REFUSED' })
    await expect(client.explain(me.keyText)).rejects.toMatchObject({ code: 'REFUSED' })
    await expect(client.explain('key_x')).rejects.toMatchObject({ code: 'INVALID_KEY' })
    expect(commands).toEqual([])
  })
})

describe('an explanation', () => {
  const nothing = { homes: [], servers: [], routes: [], tried: [] }

  it('is told by the clock of the node', async () => {
    const asked = client.explain(keyText)
    expect(commands).toEqual([{ kind: 'explain', request: 1, key: keyId, timeoutMs: 10_000 }])
    const explanation = { mode: 'fast', record: 'found', recordAgeMs: 100, ...nothing } as const
    client.onEvent({ kind: 'done', request: 1, outcome: { kind: 'explained', explanation } })
    expect(await asked).toMatchObject({ key: keyText, record: 'found', lastSeen: 900, steps: [] })
  })

  it('can be given up', async () => {
    const controller = new AbortController()
    const asked = client.explain(keyText, { signal: controller.signal })
    controller.abort()
    expect(commands.at(-1)).toEqual({ kind: 'cancel', request: 1 })
    client.onEvent({
      kind: 'failed',
      request: 1,
      failure: { code: 'ABORTED', message: 'Given up.' },
    })
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
