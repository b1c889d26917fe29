import { beforeEach, describe, expect, it } from 'vitest'
import type { LinkId } from '../../link/link-id.ts'
import { findNodeAnswer, findRecordAnswer } from '../../wire/dht-bodies.ts'
import { FRAME } from '../../wire/frame-type.ts'
import { SERVER_DIAL_TIMEOUT_MS } from '../../wire/limits.ts'
import { findBody, readFindAnswer } from '../../wire/registry-bodies.ts'
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../wire/rpc-messages.ts'
import { parseServerUrl } from '../address/server-url.ts'
import { BARE_WELCOME, loneServer, peerOf } from '../testing/lone-server.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { ServerSide } from './server-side.ts'
import type { ServerSideConfig } from './server-side-types.ts'

const [US, SEED, ALICE, BOB] = [1, 2, 3, 4].map(identityOf) as [
  ReturnType<typeof identityOf>,
  ReturnType<typeof identityOf>,
  ReturnType<typeof identityOf>,
  ReturnType<typeof identityOf>,
]
const CLIENT = 1 as LinkId
const SEED_URL = 'wss://seed.test'
const LOST = { reason: 'unreachable', hint: undefined, retryAfterMs: undefined } as const
const BOBS_RECORD = recordOf(BOB).bytes
const OF_SEED: Partial<ServerSideConfig> = { join: [parseServerUrl(SEED_URL)] }
const SAVED = [
  [`contact/${Buffer.from(SEED.publicKey).toString('hex')}`, Buffer.from(SEED_URL)],
] as const

let now: number
let server: ServerSide
/** Dials that are under way. */
let dialing: LinkId[]
/** What Alice is answered, by request. */
let answers: Map<number, ReturnType<typeof readFindAnswer>>
/** What the server's own application is told. */
let lookedUp: (string | undefined)[]

beforeEach(() => {
  now = 0
  dialing = []
  answers = new Map()
  lookedUp = []
})

function at() {
  return { now, unixMs: START_UNIX_MS + now }
}

function startWith(fields: Partial<ServerSideConfig>, saved: typeof SAVED | [] = []): void {
  server = loneServer(US, at(), fields)
  server.restore(at(), saved)
  server.start(at())
  server.linkOpened(at(), CLIENT, peerOf(ALICE, 'client'), undefined, undefined)
  run()
}

/** Begins the dials that are asked for, and answers as the seed, which has Bob's record. */
function run(): void {
  for (let effect = server.poll(); effect !== undefined; effect = server.poll()) {
    if (effect.kind === 'dial') {
      const link = (100 + effect.dial) as LinkId
      server.dialing(effect.dial, link)
      dialing.push(link)
    } else if (effect.kind === 'lookedUp') lookedUp.push(effect.value?.kind)
    else if (effect.kind === 'sendFrame' && effect.link === CLIENT) answered(effect.bytes)
    else if (effect.kind === 'sendFrame' && effect.bytes[0] === FRAME.request) {
      const { id, method } = decodeRequest(effect.bytes)
      const value = { kind: 'record', bytes: BOBS_RECORD } as const
      const body = method === 'findRecord' ? findRecordAnswer([], value) : findNodeAnswer([])
      server.frame(at(), effect.link, FRAME.response, encodeResponse({ id, body }))
    }
  }
}

function answered(bytes: Uint8Array): void {
  if (bytes[0] !== FRAME.response) return
  const response = decodeResponse(bytes)
  if ('body' in response) answers.set(response.id, readFindAnswer(response.body))
}

/** Alice asks for Bob, and the server's own application does. */
function askForBob(): void {
  const body = findBody(BOB.publicKey, true)
  server.frame(at(), CLIENT, FRAME.request, encodeRequest({ id: 7, method: 'find', body }))
  server.lookup(at(), 8, BOB.keyId)
  run()
}

function seedAnswers(): void {
  const [link] = dialing
  server.linkOpened(at(), link as LinkId, peerOf(SEED, 'server'), BARE_WELCOME, undefined)
  run()
}

function seedFails(): void {
  server.linkClosed(at(), dialing[0] as LinkId, LOST)
  run()
}

function expectAbsent(): void {
  expect(answers.get(7)).toMatchObject({ isFinal: true, value: undefined })
  expect(lookedUp).toEqual([undefined])
}

function expectNothing(): void {
  expect([answers.size, lookedUp.length]).toEqual([0, 0])
}

describe.each([
  ['is to join others', OF_SEED, [] as []],
  ['knew others in an earlier life', {}, SAVED],
] as const)('a server that %s, before it has reached any', (_name, fields, saved) => {
  beforeEach(() => {
    startWith(fields, saved)
    askForBob()
  })

  it('looks keys up once it has reached the first', () => {
    expectNothing()
    seedAnswers()
    expect(answers.get(7)).toMatchObject({ isFinal: true, value: { kind: 'record' } })
    expect(lookedUp).toEqual(['record'])
  })

  it('knows of none once all have failed', () => {
    expectNothing()
    seedFails()
    expectAbsent()
  })

  it('waits no longer than a dial may take', () => {
    expect(server.nextTimeout()).toBeLessThanOrEqual(SERVER_DIAL_TIMEOUT_MS)
    now = SERVER_DIAL_TIMEOUT_MS - 1
    server.timeout(at())
    run()
    expectNothing()
    now += 1
    server.timeout(at())
    run()
    expectAbsent()
  })
})

it('a server that knows of nobody answers at once', () => {
  startWith({})
  askForBob()
  expectAbsent()
})

it('a server that could reach none of those it was to join answers at once', () => {
  startWith(OF_SEED)
  seedFails()
  askForBob()
  expectAbsent()
})
