import { createNode } from '../../../client/node.ts'

const node = await createNode({ servers: ['http://localhost:8080'] })
const stop = node.watch('key_9xQe…', ({ state, record, successor }) => {
  if (state === 'online') console.log('attached to', record?.servers)
  if (state === 'revoked') console.log('gone for good', successor)
})
setTimeout(stop, 60_000)
