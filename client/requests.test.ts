import { beforeEach, describe, expect, it, vi } from 'vitest'
import { keyIdOf } from '../shared/identity/node-id.ts'
import type { Command, RequestId } from '../shared/node/inputs.ts'
import { Requests } from './requests.ts'

const PEER = keyIdOf(new Uint8Array(32))
let commands: Command[] = []
let requests: Requests

const dial = (request: RequestId): Command => ({ kind: 'dial', request, peer: PEER, timeoutMs: 1 })

beforeEach(() => {
  commands = []
  requests = new Requests(command => commands.push(command))
})

describe('Requests', () => {
  it('settles each request by its own number', async () => {
    const [one, two] = [requests.ask(dial, undefined), requests.ask(dial, undefined)]
    requests.failed(2, { code: 'OFFLINE', message: 'Away.' })
    requests.done(1, { kind: 'dialed' })
    expect(await one).toEqual({ kind: 'dialed' })
    await expect(two).rejects.toMatchObject({ code: 'OFFLINE', message: 'Away.' })
  })

  it('ignores what is settled or was never asked', async () => {
    const one = requests.ask(dial, undefined)
    requests.done(1, { kind: 'dialed' })
    requests.failed(1, { code: 'OFFLINE', message: 'Away.' })
    requests.done(99, { kind: 'dialed' })
    expect(await one).toEqual({ kind: 'dialed' })
  })

  it('cancels when its signal is aborted, and is settled by the answer to that', async () => {
    const controller = new AbortController()
    const one = requests.ask(dial, controller.signal)
    controller.abort()
    expect(commands).toEqual([dial(1), { kind: 'cancel', request: 1 }])
    requests.failed(1, { code: 'ABORTED', message: 'The operation was aborted.' })
    await expect(one).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('asks nothing with a signal that is aborted already, and keeps its reason', async () => {
    const reason = new Error('changed my mind')
    const one = requests.ask(dial, AbortSignal.abort(reason))
    await expect(one).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
    expect(commands).toEqual([])
  })

  it('does not cancel what is settled', async () => {
    const controller = new AbortController()
    const one = requests.ask(dial, controller.signal)
    requests.done(1, { kind: 'dialed' })
    await one
    controller.abort()
    expect(commands).toEqual([dial(1)])
  })

  it('shares one signal between many without a warning of Node', async () => {
    const warned = vi.spyOn(process, 'emitWarning')
    const controller = new AbortController()
    const all = Array.from({ length: 100 }, () => requests.ask(dial, controller.signal))
    controller.abort()
    expect(commands.filter(({ kind }) => kind === 'cancel')).toHaveLength(100)
    requests.closeAll()
    await Promise.allSettled(all)
    expect(warned).not.toHaveBeenCalled()
    warned.mockRestore()
  })

  it('fails everything that is open when the node closes', async () => {
    const all = [requests.ask(dial, undefined), requests.ask(dial, undefined)]
    requests.closeAll()
    for (const one of all) await expect(one).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
