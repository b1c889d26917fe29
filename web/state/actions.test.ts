import { describe, expect, it } from 'vitest'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { ONLINE, SAMPLE_KEYS } from '../testing/fake-node.ts'
import type { FakePage } from '../testing/fake-page.ts'
import { fakePage, settled } from '../testing/fake-page.ts'
import { COMPOSE_MAX_CHARS } from './limits.ts'

const { ada, ben, me } = SAMPLE_KEYS
const away = new MeshError('OFFLINE', 'Ada is away.')

async function online(): Promise<FakePage> {
  const page = fakePage()
  await page.engine.start()
  page.node().setStatus(ONLINE)
  return page
}

function deliveries({ state }: FakePage, key: string): string[] {
  const messages = state.book.value.get(key)?.messages ?? []
  return messages.map(m => (m.direction === 'out' ? `${m.text} ${m.delivery.state}` : m.text))
}

describe('dialling', () => {
  it('opens the chat at once and then the session', async () => {
    const page = await online()
    expect(page.actions.dialText(` https://one.example/#${ada} `)).toBe(true)
    expect(page.state.selected.value?.key).toBe(ada)
    expect(page.state.reach.value.get(ada)).toEqual({ kind: 'dialing' })
    page.calls[0]?.succeed()
    await settled()
    expect(page.state.reach.value.get(ada)).toMatchObject({ kind: 'open', path: { rttMs: 12 } })
  })

  it('that fails says why; redial tries again', async () => {
    const page = await online()
    page.actions.openChat(ada)
    page.calls[0]?.fail(away)
    await settled()
    expect(page.state.reach.value.get(ada)).toMatchObject({
      kind: 'failed',
      problem: { sentence: 'Ada is away.' },
    })
    page.actions.redial(ada)
    page.actions.redial(ada)
    expect(page.calls).toHaveLength(1)
    page.calls[0]?.succeed()
    await settled()
    expect(page.state.reach.value.get(ada)?.kind).toBe('open')
    page.actions.redial(ada)
    expect(page.calls).toHaveLength(0)
  })

  it.each([
    ['own key', me, /your own key/],
    ['no key', 'hello', /starts with/],
    ['nothing', '  ', /Nothing was entered/],
  ])('%s is refused before any network use', async (_, text, sentence) => {
    const page = await online()
    expect(page.actions.dialText(text)).toBe(false)
    expect(page.state.dialProblem.value?.sentence).toMatch(sentence)
    expect(page.state.book.value.size).toBe(0)
    expect(page.calls).toHaveLength(0)
    page.actions.openChat(ada)
    expect(page.state.dialProblem.value).toBeUndefined()
  })

  it('waits for the first server, then dials the open chat', async () => {
    const page = fakePage()
    await page.engine.start()
    page.actions.openChat(ada)
    expect(page.calls).toHaveLength(0)
    page.node().setStatus(ONLINE)
    expect(page.calls).toMatchObject([{ kind: 'dial', key: ada }])
  })
})

describe('sending', () => {
  it('goes queued → sending → delivered', async () => {
    const page = await online()
    page.actions.openChat(ada)
    page.calls[0]?.succeed()
    await settled()
    page.actions.setDraft(ada, 'hello')
    expect(page.actions.send(ada, ' hello ')).toBe(true)
    expect(page.state.selected.value?.draft).toBe('')
    await settled()
    expect(deliveries(page, ada)).toEqual(['hello sending'])
    page.calls[0]?.succeed()
    await settled()
    expect(deliveries(page, ada)).toEqual(['hello delivered'])
  })

  it('that fails says why and can be repeated', async () => {
    const page = await online()
    page.actions.openChat(ada)
    page.calls[0]?.succeed()
    await settled()
    page.actions.send(ada, 'hello')
    await settled()
    page.calls[0]?.fail(new MeshError('REFUSED', 'no answer'))
    await settled()
    const [message] = page.state.selected.value?.messages ?? []
    expect(message).toMatchObject({
      delivery: { state: 'failed', problem: { sentence: 'No answer.' } },
    })
    page.actions.retry(ada, message?.id ?? '')
    await settled()
    expect(deliveries(page, ada)).toEqual(['hello sending'])
    page.calls[0]?.succeed()
    await settled()
    expect(deliveries(page, ada)).toEqual(['hello delivered'])
  })

  it('waits while we are offline and then goes out in order', async () => {
    const page = fakePage()
    await page.engine.start()
    page.actions.openChat(ada)
    for (const text of ['1', '2', '3']) page.actions.send(ada, text)
    expect(deliveries(page, ada)).toEqual(['1 waiting', '2 waiting', '3 waiting'])
    page.node().setStatus(ONLINE)
    for (const call of [...page.calls]) call.succeed()
    await settled()
    expect(page.calls.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'deliver 1',
      'deliver 2',
      'deliver 3',
    ])
  })

  it('needs no server while a session is open', async () => {
    const page = await online()
    page.node().receive(ada, 'hi')
    await settled()
    page.node().setStatus({ state: 'offline', servers: [] })
    page.actions.send(ada, 'still here?')
    await settled()
    expect(page.calls).toMatchObject([{ kind: 'deliver', text: 'still here?' }])
  })

  it('seeks another key through a connected peer when every server is gone', async () => {
    const page = await online()
    page.node().setStatus({ state: 'offline', servers: [] })
    page.actions.openChat(ben)
    page.actions.send(ben, 'are you there?')
    await settled()
    expect(page.calls).toEqual([])
    page.node().receive(ada, 'hi')
    await settled()
    // One for the chat that is open, one for what waits in it.
    expect(page.calls.map(({ key }) => key)).toEqual([ben, ben])
    page.actions.forget(ben)
    page.actions.openChat(SAMPLE_KEYS.stranger)
    await settled()
    expect(page.calls).toContainEqual(
      expect.objectContaining({ kind: 'dial', key: SAMPLE_KEYS.stranger }),
    )
  })

  it('is not for nothing, for nobody or without end', async () => {
    const page = await online()
    page.actions.openChat(ada)
    expect(page.actions.send(ada, ' \n\u202e ')).toBe(false)
    expect(page.actions.send(ben, 'hello')).toBe(false)
    page.actions.send(ada, 'x'.repeat(COMPOSE_MAX_CHARS + 1))
    expect(page.state.selected.value?.messages[0]?.text).toHaveLength(COMPOSE_MAX_CHARS)
    page.actions.setDraft(ada, 'x'.repeat(COMPOSE_MAX_CHARS + 1))
    expect(page.state.selected.value?.draft).toHaveLength(COMPOSE_MAX_CHARS)
  })

  it('late news of a deleted chat is harmless', async () => {
    const page = await online()
    page.actions.openChat(ada)
    page.calls[0]?.succeed()
    await settled()
    page.actions.send(ada, 'hello')
    await settled()
    page.actions.forget(ada)
    expect(page.state.selectedKey.value).toBeUndefined()
    page.calls[0]?.succeed()
    await settled()
    expect(page.state.book.value.size).toBe(0)
  })
})

describe('servers', () => {
  it('are tried at once when the user wants it', async () => {
    const page = fakePage()
    page.actions.tryServers()
    await page.engine.start()
    page.actions.tryServers()
    expect(page.node().nudges).toBe(1)
  })

  it('are as far away as was measured last', async () => {
    const page = fakePage()
    const { signal } = new AbortController()
    await expect(page.actions.serverRtts(signal)).rejects.toMatchObject({ code: 'ABORTED' })
    await page.engine.start()
    page.node().setStatus(ONLINE)
    expect([...(await page.actions.serverRtts(signal))]).toEqual([[SAMPLE_KEYS.server, 11.6]])
  })

  it('keep their names after they are gone', async () => {
    const page = await online()
    page.node().setStatus({ state: 'offline', servers: [] })
    expect(page.state.serverNames.value.get(SAMPLE_KEYS.server)).toBe('relay.example')
  })
})

describe('modes', () => {
  it('belong to a chat, reach the network with the next use, and are kept', async () => {
    const page = await online()
    page.actions.openChat(ada)
    expect(page.node().modes.get(ada)).toBe('fast')
    page.calls[0]?.succeed()
    await settled()
    page.actions.setMode(ada, 'private')
    expect(page.state.selected.value?.mode).toBe('private')
    expect(page.node().modes.get(ada)).toBe('private')
    page.actions.setMode(ada, 'fast')
    expect(page.state.selected.value).not.toHaveProperty('mode')
    expect(page.node().modes.get(ada)).toBe('fast')
  })

  it('another one is another try', async () => {
    const page = await online()
    page.actions.openChat(ada)
    page.calls[0]?.fail(away)
    await settled()
    page.actions.setMode(ada, 'relay')
    expect(page.calls).toMatchObject([{ kind: 'dial', key: ada }])
    expect(page.node().modes.get(ada)).toBe('relay')
  })
})

describe('explaining', () => {
  it('tells what the node knows, and fails while none runs', async () => {
    const page = fakePage()
    const { signal } = new AbortController()
    await expect(page.actions.explain(ada, signal)).rejects.toMatchObject({ code: 'ABORTED' })
    await page.engine.start()
    page.node().explanations.set(ada, { record: 'noAnswer' })
    expect(await page.actions.explain(ada, signal)).toMatchObject({ key: ada, record: 'noAnswer' })
  })
})

describe('names', () => {
  it('are cleaned, unique, and can be taken away', async () => {
    const page = await online()
    page.actions.openChat(ada)
    page.actions.openChat(ben)
    expect(page.actions.rename(ada, ' \u202eAda ')).toBeUndefined()
    expect(page.state.book.value.get(ada)?.petname).toBe('Ada')
    expect(page.actions.rename(ben, 'ADA')?.sentence).toMatch(/already call another key Ada/)
    expect(page.state.book.value.get(ben)?.petname).toBeUndefined()
    expect(page.actions.rename(ada, '  ')).toBeUndefined()
    expect(page.state.book.value.get(ada)).not.toHaveProperty('petname')
  })
})
