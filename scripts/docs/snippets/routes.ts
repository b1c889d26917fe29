import { createNode } from '../../../client/node.ts'

const node = await createNode({ servers: ['http://localhost:8080'], mode: 'relay' })
const peer = await node.dial('key_9xQe…', { mode: 'private' })
console.log(peer.path?.kind, peer.path?.hops, peer.path?.score)

for (const { hops, metrics, score, state } of await node.routes(peer.key)) {
  console.log(state, hops, metrics.latencyMs, metrics.reliability, score.total)
}
const { record, steps } = await node.explain(peer.key)
const failed = steps.filter(({ error }) => error !== undefined)
console.log(record, failed)
