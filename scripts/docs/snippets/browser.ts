import { createNode } from '../../../client/browser.ts'

const node = await createNode({ servers: ['wss://one.example'] })
node.addEventListener('status', ({ detail }) => console.log(detail.state))
node.addEventListener('message', ({ detail }) => console.log(detail.from, detail.data))
