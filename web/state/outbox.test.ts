import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { ONLINE, SAMPLE_KEYS } from '../testing/fake-node.ts'
import type { Call, FakePage } from '../testing/fake-page.ts'
import { fakePage } from '../testing/fake-page.ts'
import { STOPPED, TOO_OLD } from './conversation.ts'
import { QUEUE_KEEP_MS, RETRY_FIRST_MS, RETRY_MAX_MS } from './limits.ts'

const { ada } = SAMPLE_KEYS
const silent = new MeshError('TIMEOUT', 'No answer.')
const away = new MeshError('OFFLINE', 'Ada is away.')
const OFFLINE = { state: 'offline', servers: [] } as const

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const settled = () => vi.advanceTimersByTimeAsync(1)

/** Online, with an open session. */
async function talking(): Promise<FakePage> {
  const page = fakePage()
  await page.engine.start()
  page.node().setStatus(ONLINE)
  page.actions.openChat(ada)
  page.calls[0]?.succeed()
  await settled()
  return page
}

async function writes(page: FakePage, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) page.actions.send(ada, text)
  await settled()
}

async function answered(answer: (calls: readonly Call[]) => void, page: FakePage): Promise<void> {
  answer([...page.calls])
  await settled()
}

function states({ state }: FakePage): string[] {
  const messages = state.book.value.get(ada)?.messages ?? []
  return messages.map(m => (m.direction === 'out' ? `${m.text} ${m.delivery.state}` : m.text))
}

const texts = ({ calls }: FakePage) => calls.map(({ kind, text }) => `${kind} ${text}`.trim())

describe('a message that fails for a while', () => {
  it('waits and goes out again by itself, under its id, after pauses that grow', async () => {
    const page = await talking()
    const send = vi.spyOn(page.node(), 'send')
    await writes(page, 'hello')
    for (let pauseMs = RETRY_FIRST_MS; pauseMs < 4 * RETRY_MAX_MS; pauseMs *= 2) {
      await answered(([call]) => call?.fail(silent), page)
      expect(states(page)).toEqual(['hello waiting'])
      await vi.advanceTimersByTimeAsync(Math.min(pauseMs, RETRY_MAX_MS) - 2)
      expect(page.calls).toHaveLength(0)
      await vi.advanceTimersByTimeAsync(2)
      expect(states(page)).toEqual(['hello sending'])
    }
    await answered(([call]) => call?.succeed(), page)
    expect(states(page)).toEqual(['hello delivered'])
    expect(new Set(send.mock.calls.map(([, , options]) => options?.id)).size).toBe(1)
    expect(vi.getTimerCount()).toBe(1) // What is kept is written soon.
    expect(page.node().watched).toEqual([])
  })

  it('says meanwhile what came of the last time', async () => {
    const page = await talking()
    await writes(page, 'hello')
    await answered(([call]) => call?.fail(silent), page)
    const delivery = () => page.state.selected.value?.messages[0]
    const problem = expect.objectContaining({ sentence: 'No answer.' })
    expect(delivery()).toMatchObject({ delivery: { state: 'waiting', problem } })
    page.actions.sendNow(ada)
    expect(delivery()).toMatchObject({ delivery: { state: 'sending', problem } })
  })

  it('that is on its way when its session ends can be hurried: the key is dialed again', async () => {
    const page = await talking()
    await writes(page, 'hello')
    await page.node().peerOf(ada)?.close()
    expect(texts(page)).toEqual(['deliver hello'])
    page.actions.sendNow(ada)
    expect(texts(page)).toEqual(['deliver hello', 'dial'])
    expect(states(page)).toEqual(['hello sending'])
  })

  it('takes along what was written after it, and nothing that was written before', async () => {
    const page = await talking()
    await writes(page, '1', '2', '3')
    await answered(calls => calls[1]?.fail(silent), page)
    expect(states(page)).toEqual(['1 sending', '2 waiting', '3 waiting'])
    await vi.advanceTimersByTimeAsync(RETRY_FIRST_MS)
    expect(texts(page)).toEqual(['deliver 1', 'deliver 2', 'deliver 3'])
    await answered(calls => calls.map(call => call.succeed()), page)
    expect(states(page)).toEqual(['1 delivered', '2 delivered', '3 delivered'])
  })

  it('goes with the next one that is written, before it', async () => {
    const page = await talking()
    await writes(page, '1')
    await answered(([call]) => call?.fail(silent), page)
    await writes(page, '2')
    expect(texts(page)).toEqual(['deliver 1', 'deliver 2'])
  })

  it('goes as soon as the peer is back', async () => {
    const page = await talking()
    await page.node().peerOf(ada)?.close()
    await writes(page, 'hello')
    await answered(calls => calls.map(call => call.fail(away)), page)
    expect(page.node().watched).toEqual([ada])
    page.node().setPresence(ada, 'offline')
    expect(page.calls).toHaveLength(0)
    page.node().setPresence(ada, 'online')
    expect(texts(page)).toContain('dial')
    await answered(calls => calls.map(call => call.succeed()), page)
    await answered(([call]) => call?.succeed(), page)
    expect(states(page)).toEqual(['hello delivered'])
  })

  it('goes as soon as the peer dials us, or we have a server again', async () => {
    const page = await talking()
    await page.node().peerOf(ada)?.close()
    await writes(page, 'hello')
    await answered(calls => calls.map(call => call.fail(away)), page)
    page.node().setStatus(OFFLINE)
    await vi.advanceTimersByTimeAsync(10 * RETRY_MAX_MS)
    expect(page.calls).toHaveLength(0)
    page.node().setStatus(ONLINE)
    expect(states(page)).toEqual(['hello sending'])
    await answered(calls => calls.map(call => call.fail(away)), page)
    page.node().receive(ada, 'it is me')
    await settled()
    expect(texts(page)).toEqual(['deliver hello'])
  })
})

describe('it ends', () => {
  it('with a failure that stays, which takes nothing along', async () => {
    const page = await talking()
    await writes(page, '1', '2')
    await answered(([call]) => call?.fail(new MeshError('TOO_LARGE', 'Too long.')), page)
    expect(states(page)).toEqual(['1 failed', '2 sending'])
  })

  it('after a day', async () => {
    const page = await talking()
    await writes(page, 'hello')
    page.wait(QUEUE_KEEP_MS)
    await answered(([call]) => call?.fail(silent), page)
    const [message] = page.state.selected.value?.messages ?? []
    expect(message).toMatchObject({ delivery: { state: 'failed', problem: TOO_OLD } })
  })

  it('when the user says so; what comes later is no news', async () => {
    const page = await talking()
    await writes(page, '1', '2')
    await answered(calls => calls[1]?.fail(silent), page)
    page.actions.stopSending(ada)
    await vi.advanceTimersByTimeAsync(2 * RETRY_MAX_MS)
    expect(page.calls).toHaveLength(0)
    expect(states(page)).toEqual(['1 failed', '2 failed'])
    for (const message of page.state.selected.value?.messages ?? []) {
      expect(message).toMatchObject({ delivery: { problem: STOPPED } })
    }
    page.actions.retryAll(ada)
    await settled()
    expect(texts(page)).toEqual(['deliver 1', 'deliver 2'])
  })

  it('with its chat', async () => {
    const page = await talking()
    await page.node().peerOf(ada)?.close()
    await writes(page, 'hello')
    await answered(calls => calls.map(call => call.fail(away)), page)
    page.actions.forget(ada)
    expect(page.node().watched).toEqual([])
    await vi.advanceTimersByTimeAsync(2 * RETRY_MAX_MS)
    expect(page.calls).toHaveLength(0)
  })

  it('for a key that nobody knows, unless its holder was heard of', async () => {
    const unknown = new MeshError('NOT_FOUND', 'No server knows this key.')
    const page = await talking()
    await writes(page, 'who?')
    await answered(([call]) => call?.fail(unknown), page)
    expect(states(page)).toEqual(['who? failed'])
    page.node().receive(ada, 'me')
    await settled()
    await writes(page, 'hello')
    await answered(([call]) => call?.fail(unknown), page)
    expect(states(page)).toEqual(['who? failed', 'me', 'hello waiting'])
  })
})

describe('a page that goes', () => {
  it('leaves what was on its way to the next one, which sends it', async () => {
    const page = await talking()
    await writes(page, 'hello')
    const other = fakePage({ locks: page.locks, disk: page.disk })
    await other.engine.start()
    other.node().setStatus(ONLINE)
    expect(states(other)).toEqual(['hello sending'])
    expect(other.calls).toEqual([])
    page.engine.rest()
    await vi.advanceTimersByTimeAsync(2 * RETRY_MAX_MS)
    expect(other.calls.map(({ kind }) => kind)).toContain('dial')
    expect([states(page), states(other)]).toEqual([['hello sending'], ['hello sending']])
  })

  it('has its turn again when the others are gone', async () => {
    const page = await talking()
    page.engine.rest()
    await writes(page, 'later')
    expect(states(page)).toEqual(['later waiting'])
    page.engine.goOn()
    await vi.advanceTimersByTimeAsync(1)
    expect(states(page)).toEqual(['later sending'])
  })
})
