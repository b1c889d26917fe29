// What a node of a MiniWorld runs on: the world's clock and wires, its own disk, a timer.

import type { Host } from '../host.ts'
import type { MiniNode } from './mini-node.ts'
import type { MiniWorld } from './mini-world.ts'
import { START_UNIX_MS } from './start-time.ts'

/** Every clock begins elsewhere. */
const CLOCK_MS = 1_000

/** For the present life of that node. @param setTimer in milliseconds of the world */
export function miniHost(
  world: MiniWorld,
  node: MiniNode,
  setTimer: (atMs: number | undefined) => void,
): Host {
  const { life } = node
  // A node may be killed while its driver performs effects: those that are left have no effect.
  const isAlive = (): boolean => node.life === life
  return {
    ...(node.hasRtc && { rtc: world.rtc.hostOf(node) }),
    now: () => world.now + CLOCK_MS,
    unixMs: () => START_UNIX_MS + world.now + node.skewMs,
    randomBytes: length => {
      const bytes = world.random.bytes(length)
      node.randoms.push(bytes)
      return bytes
    },
    wakeAt: at => {
      if (isAlive()) setTimer(at === undefined ? undefined : at - CLOCK_MS)
    },
    dial: (link, url) => {
      if (isAlive()) world.connect(node, link, url)
    },
    send: (link, bytes) => {
      if (isAlive()) world.transmit(node, link, bytes)
      return 'ok'
    },
    close: link => {
      if (isAlive()) world.disconnect(node, link)
    },
    sendBeacon: bytes => {
      if (isAlive()) world.multicast(node, bytes)
    },
    save: (key, value) => {
      if (isAlive()) node.onSave(key, value)
      if (!isAlive()) return
      node.overwritten.push([key, node.disk.get(key)])
      if (value === undefined) node.disk.delete(key)
      else node.disk.set(key, value.slice())
    },
  }
}
