// keymesh clients, through the public library: a sender and a receiver, and idle ones. What they say goes over servers.

import type { MeshNode, Message, Peer } from '../../client/node.ts'
import { createNode } from '../../client/node.ts'
import { sendAll } from '../sending.ts'
import { serve } from '../worker.ts'

const nodes: MeshNode[] = []
async function attach(url: string): Promise<MeshNode> {
  const node = await createNode({ servers: [url], identity: 'ephemeral', webrtc: false })
  await node.online()
  nodes.push(node)
  return node
}

/** @returns the keys of `count` attached nodes, each of which answers every message */
async function echo({ url, count }: { url: string; count: number }): Promise<string[]> {
  const keys: string[] = []
  for (let i = 0; i < count; i++) {
    const node = await attach(url)
    node.addEventListener('message', ({ detail }) => answer(detail))
    keys.push(node.key)
  }
  return keys
}

/** A caller that leaves at once takes its echo's receipt along. */
function answer(message: Message): void {
  message.reply(message.data).catch(() => {})
}

function nextMessage(peer: Peer): Promise<unknown> {
  return peer.messages()[Symbol.asyncIterator]().next()
}

/** For each key, which this node has never met: dial, send, first echo. */
async function dial({ url, keys }: { url: string; keys: string[] }): Promise<number[]> {
  const node = await attach(url)
  const times: number[] = []
  for (const key of keys) {
    const start = performance.now()
    const peer = await node.dial(key)
    const echoed = nextMessage(peer)
    const receipt = peer.send('hello')
    await echoed
    times.push(performance.now() - start)
    await receipt
    await peer.close()
  }
  return times
}

async function roundTrips(args: { url: string; key: string; count: number; bytes: number }) {
  const node = await attach(args.url)
  const peer = await node.dial(args.key)
  const data = new Uint8Array(args.bytes)
  const messages = peer.messages()[Symbol.asyncIterator]()
  const times: number[] = []
  for (let i = 0; i < args.count; i++) {
    const start = performance.now()
    void peer.send(data)
    await messages.next()
    times.push(performance.now() - start)
  }
  return times
}

let receiver: { node: MeshNode; done: Promise<number> } | undefined

async function listen({ url, count }: { url: string; count: number }): Promise<string> {
  const node = await attach(url)
  let [seen, start] = [0, 0]
  const done = new Promise<number>(resolve => {
    node.addEventListener('message', () => {
      if (seen++ === 0) start = performance.now()
      if (seen === count) resolve(performance.now() - start)
    })
  })
  receiver = { node, done }
  return node.key
}

const received = (): Promise<number> | undefined => receiver?.done

async function send(args: { url: string; key: string; count: number; bytes: number }) {
  const node = await attach(args.url)
  const peer = await node.dial(args.key)
  const data = new Uint8Array(args.bytes).fill(1)
  await sendAll(peer, data, args.count)
}

async function idle({ url, count }: { url: string; count: number }): Promise<void> {
  for (let i = 0; i < count; i++) await attach(url)
}

serve({ echo, dial, roundTrips, listen, received, send, idle })
