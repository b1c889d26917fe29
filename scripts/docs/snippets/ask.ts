import { createNode } from '../../../client/node.ts'

const node = await createNode({ servers: ['http://localhost:8080'], identity: 'ephemeral' })
const peer = await node.dial(process.argv[2] ?? '')
await peer.send('hello')
for await (const answer of peer.messages()) {
  console.log(answer.data, peer.path)
  break
}
await node.close()
