// The design page: the real client over a fake network with a few well-known characters. Not part of
// the build. Ada answers after a moment, away is never reached, a stranger writes when told to.
// Drive it from the console: `keymeshDesign.node.setStatus(…)`.

import type { Path } from '../../client/api.ts'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { mount } from '../ui/mount.tsx'
import { awayExplanation, privateExplanation, reachedExplanation } from './fake-explanations.ts'
import { FakeNode, ONLINE, relayPath, SAMPLE_KEYS } from './fake-node.ts'

const ANSWER_MS = 600

const node = new FakeNode(SAMPLE_KEYS.me, {
  async dial(key): Promise<Path> {
    await pause(250)
    if (key === SAMPLE_KEYS.away) {
      throw new MeshError('OFFLINE', 'The holder of this key is not connected.')
    }
    if (key === SAMPLE_KEYS.server) {
      throw new MeshError('NOT_FOUND', 'Nobody on this network knows this key.')
    }
    return relayPath(key === SAMPLE_KEYS.ada ? 12.3 : 48)
  },
  async deliver(key, text) {
    await pause(300)
    if (text.startsWith('fail')) {
      throw new MeshError('TIMEOUT', 'The message was not confirmed within 30 seconds.')
    }
    if (text.startsWith('hang')) await new Promise(() => {})
    if (key === SAMPLE_KEYS.ada) setTimeout(() => node.receive(key, `You said: ${text}`), ANSWER_MS)
  },
})

node.explanations.set(SAMPLE_KEYS.ada, reachedExplanation(Date.now()))
node.explanations.set(SAMPLE_KEYS.away, awayExplanation(Date.now()))
node.explanations.set(SAMPLE_KEYS.ben, privateExplanation(Date.now()))
node.modes.set(SAMPLE_KEYS.ben, 'private')

const params = new URLSearchParams(window.location.search)
Object.assign(window, { keymeshDesign: { node, keys: SAMPLE_KEYS } })

const root = document.getElementById('app')
if (root !== null) {
  mount(root, async () => {
    await pause(Number(params.get('start') ?? 50))
    if (params.has('broken')) throw new MeshError('STORAGE', 'The key could not be stored.')
    if (!params.has('connecting')) setTimeout(() => node.setStatus(ONLINE), 200)
    return node
  })
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
