// What goes wrong in a simulated world. Each function is one fault or its repair, at the current instant;
// scenarios schedule them with `world.after`.

import type { CloseReason } from '../shared/wire/close-code.ts'
import type { Rng } from './rng.ts'
import type { Program, SimNode } from './sim-node.ts'
import type { PlacedLink, World } from './world.ts'

/** The process dies; its peers' connections are reset. */
export function killNode(node: SimNode): void {
  node.kill()
}

/** The computer loses power: peers hear nothing until it is up again and they write to it. */
export function cutPower(node: SimNode): void {
  node.kill({ silent: true })
}

/** Dies now, loudly or (`silent`) with its power, and starts again later with what it had saved. */
export function restartNode(
  node: SimNode,
  program: Program,
  downMs: number,
  how: { readonly silent?: boolean } = {},
): void {
  node.kill(how)
  node.world.after(downMs, () => node.boot(program))
}

/** The event loop stalls; links stay up and fill. */
export function freezeNode(node: SimNode, forMs: number): void {
  node.freeze(forMs)
}

/** Timers ring on a grid only, as in a hidden tab (60,000); 0 = normal again. Set timers keep their time. */
export function throttleTimers(node: SimNode, gridMs: number): void {
  node.timerGridMs = gridMs
}

/** Wall clock wrong by this much from now on: at start a skew, later a jump. */
export function skewClock(node: SimNode, skewMs: number): void {
  node.skewMs = skewMs
}

/** Both ends of the connection are told. */
export function cutLink(placed: PlacedLink, reason: CloseReason = 'unreachable'): void {
  placed.link.cut(reason)
}

/** Half-open: nothing passes any more, nobody is told. */
export function silenceLink(world: World, placed: PlacedLink): void {
  placed.isSilenced = true
  world.refresh(placed)
}

export function unsilenceLink(world: World, placed: PlacedLink): void {
  placed.isSilenced = false
  world.refresh(placed)
}

/** Shares of a link's messages, 0 to 1. What TLS would prevent, the machine at one of its ends can still do. */
export interface Damage {
  readonly loss: number
  readonly duplicate: number
  /** Overtaken by the message behind it. */
  readonly reorder: number
  /** One bit changed. */
  readonly corrupt: number
}

export function damageLink(placed: PlacedLink, rng: Rng, damage: Damage): void {
  const overtaken = { dialer: [] as Uint8Array[], acceptor: [] as Uint8Array[] }
  placed.link.tamper = (side, bytes) => {
    if (rng.chance(damage.loss)) return []
    const message = rng.chance(damage.corrupt) ? flipBit(bytes, rng) : bytes
    if (rng.chance(damage.reorder)) {
      overtaken[side].push(message)
      return []
    }
    const copies = rng.chance(damage.duplicate) ? [message, message] : [message]
    return [...copies, ...overtaken[side].splice(0)]
  }
}

export function repairLink(placed: PlacedLink): void {
  placed.link.tamper = undefined
}

/** Only nodes within one group reach each other; nodes named in no group form one more. */
export function partition(world: World, groups: readonly (readonly SimNode[])[]): void {
  const groupOf = new Map<SimNode, number>()
  groups.forEach((group, number) => {
    for (const node of group) groupOf.set(node, number)
  })
  world.setGroups(groupOf)
}

export function heal(world: World): void {
  world.setGroups(new Map())
}

/** Saves fail from now on, and the program is told at its next save. */
export function failDisk(node: SimNode): void {
  node.isDiskWorking = false
}

export function repairDisk(node: SimNode): void {
  node.isDiskWorking = true
  node.enqueue(() => node.host?.tellStorage(true))
}

/** The newest writes turn out not to have reached the disk: after a crash, before the next boot. */
export function loseWrites(node: SimNode, count: number): void {
  if (count === 0) return
  for (const [key, before] of node.replaced.splice(-count).reverse()) {
    if (before === undefined) node.disk.delete(key)
    else node.disk.set(key, before)
  }
}

/** Flips one random bit in every saved value. */
export function corruptDisk(node: SimNode, rng: Rng): void {
  for (const value of node.disk.values()) value.set(flipBit(value, rng))
}

function flipBit(bytes: Uint8Array, rng: Rng): Uint8Array {
  const copy = bytes.slice()
  const at = rng.below(copy.length)
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << rng.below(8))
  return copy
}
