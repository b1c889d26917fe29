import { beforeEach, describe, expect, it } from 'vitest'
import type { LinkId } from '../../link/link-id.ts'
import { RPC_MAX_PENDING, RPC_TIMEOUT_MS } from '../../wire/limits.ts'
import { EMPTY_BODY } from '../../wire/registry-bodies.ts'
import { decodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import type { HomeRequest } from '../homes/home-request.ts'
import type { RpcClientEffect } from './rpc-client.ts'
import { RpcClient } from './rpc-client.ts'

const ONE = 1 as LinkId
const TWO = 2 as LinkId
let rpc: RpcClient<HomeRequest>

function drain(): RpcClientEffect<HomeRequest>[] {
  const effects: RpcClientEffect<HomeRequest>[] = []
  for (let effect = rpc.poll(); effect !== undefined; effect = rpc.poll()) effects.push(effect)
  return effects
}

/** @returns the id that the request has on the wire */
function ask(link: LinkId, now = 0): number {
  rpc.request({ now, unixMs: 0 }, link, 'find', EMPTY_BODY, { kind: 'publish' })
  const [effect] = drain()
  return effect?.kind === 'sendFrame' ? decodeRequest(effect.bytes).id : -1
}

beforeEach(() => {
  rpc = new RpcClient()
})

describe('ids', () => {
  it.each([
    ['lower', 1, 0x7fff_ffff],
    ['upper', 0x8000_0000, 0xffff_ffff],
  ] as const)('of the %s half begin with %i', (half, first, last) => {
    rpc = new RpcClient(half)
    const ids = [ask(ONE), ask(ONE)]
    expect(ids).toEqual([first, first + 1])
    expect(ids[1]).toBeLessThanOrEqual(last)
  })
})

describe('a request', () => {
  it('is answered by its link, once', () => {
    const id = ask(ONE)
    rpc.onResponse(TWO, encodeResponse({ id, body: EMPTY_BODY }))
    rpc.onResponse(ONE, encodeResponse({ id: id + 1, body: EMPTY_BODY }))
    expect(drain()).toEqual([])
    rpc.onResponse(ONE, encodeResponse({ id, error: 'BUSY', hint: 'later' }))
    rpc.onResponse(ONE, encodeResponse({ id, body: EMPTY_BODY }))
    expect(drain()).toMatchObject([
      { kind: 'answer', link: ONE, answer: { kind: 'error', code: 'BUSY', hint: 'later' } },
    ])
    expect(rpc.nextTimeout()).toBeUndefined()
  })

  it('without an answer ends at its time', () => {
    ask(ONE, 5)
    expect(rpc.nextTimeout()).toBe(5 + RPC_TIMEOUT_MS)
    rpc.timeout({ now: 4 + RPC_TIMEOUT_MS, unixMs: 0 })
    expect(drain()).toEqual([])
    rpc.timeout({ now: 5 + RPC_TIMEOUT_MS, unixMs: 0 })
    expect(drain()).toMatchObject([{ answer: { kind: 'noAnswer' } }])
  })

  it('ends with its link, and others stay', () => {
    ask(ONE)
    const id = ask(TWO)
    rpc.linkDown(ONE)
    expect(drain()).toMatchObject([{ link: ONE, answer: { kind: 'noAnswer' } }])
    rpc.onResponse(TWO, encodeResponse({ id, body: EMPTY_BODY }))
    expect(drain()).toMatchObject([{ link: TWO, answer: { kind: 'ok' } }])
  })

  it('over the cap is not sent', () => {
    for (let i = 0; i < RPC_MAX_PENDING; i++) expect(ask(ONE)).toBeGreaterThan(0)
    rpc.request({ now: 0, unixMs: 0 }, ONE, 'find', EMPTY_BODY, { kind: 'publish' })
    expect(drain()).toMatchObject([{ kind: 'answer', answer: { kind: 'noAnswer' } }])
    rpc.linkDown(ONE)
    expect(drain()).toHaveLength(RPC_MAX_PENDING)
    expect(ask(ONE)).toBeGreaterThan(0)
  })

  it('answered with garbage costs the sender its link', () => {
    rpc.onResponse(ONE, Uint8Array.of(0x21, 0xff))
    expect(drain()).toEqual([{ kind: 'misbehaved', link: ONE }])
  })
})
