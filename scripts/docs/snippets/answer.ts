import { createNode } from '../../../client/node.ts'

const node = await createNode({ servers: ['http://localhost:8080'], identity: 'ephemeral' })
await node.online()
console.log(node.key)
for await (const message of node.messages()) {
  console.log(message.from, message.data)
  await message.reply(`You said: ${message.data}`).catch(console.error)
}
