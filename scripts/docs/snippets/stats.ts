import { createNode } from '../../../client/node.ts'

const node = await createNode({ servers: ['http://localhost:8080'] })
const peer = await node.dial('key_9xQe…')
// `candidates` of a direct path: { own: 'host', peer: 'srflx', protocol: 'udp' }
peer.addEventListener('path', ({ detail: path }) => console.log(path?.kind, path?.candidates))

const { links, totals, sessions } = await node.stats()
for (const { key, kind, openedBy, since, rttMs, sentBytes, receivedBytes } of links) {
  console.log(key, kind, openedBy, since, rttMs, sentBytes, receivedBytes)
}
console.log(totals.server.sentBytes, totals.rtc.sentBytes, sessions.length)
