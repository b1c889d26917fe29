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

/** Flips one random bit in every saved value. */
export function corruptDisk(node: SimNode, rng: Rng): void {
  for (const value of node.disk.values()) {
    if (value.length === 0) continue
    const at = rng.below(value.length)
    value[at] = (value[at] ?? 0) ^ (1 << rng.below(8))
  }
}
