import { createNode, MeshError } from '../../../client/node.ts'

const node = await createNode({ servers: ['http://localhost:8080'] })
try {
  const signal = AbortSignal.timeout(5_000)
  const receipt = await node.send('key_9xQe…', new Uint8Array([1, 2, 3]), { signal })
  console.log(receipt.id, receipt.status)
} catch (error) {
  if (!(error instanceof MeshError)) throw error
  console.error(error.code, error.message, error.hint)
}
