// Each fault and its repair, seen by two probes with a link between them.

import { describe, expect, it } from 'vitest'
import * as faults from './faults.ts'
import { Rng } from './rng.ts'
import { CONNECT_TIMEOUT_MS } from './sim-host.ts'
import { connectedPair, message, onlyLink } from './testing/pair.ts'
import { bootProbe, probeProgram } from './testing/probe.ts'

describe('faults', () => {
  it('cut: both ends are told, what was under way is lost', () => {
    const { world, dialer, acceptor, link } = connectedPair()
    dialer().host.send(link, message(1))
    faults.cutLink(onlyLink(world))
    world.runFor(1_000)
    expect(acceptor().story.slice(1)).toEqual(['lost 1 unreachable@100'])
    expect(dialer().story.slice(1)).toEqual(['lost 1 unreachable@100'])
    expect(world.leftovers()).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
  })

  it('silence: nobody is told, and after it everything arrives in order', () => {
    const { world, dialer, acceptor, link } = connectedPair()
    dialer().host.send(link, message(1))
    const placed = onlyLink(world)
    faults.silenceLink(world, placed)
    world.runFor(60_000)
    expect(acceptor().story).toHaveLength(1)
    dialer().host.send(link, message(2))
    faults.unsilenceLink(world, placed)
    dialer().host.send(link, message(3))
    world.runFor(1_000)
    expect(acceptor().messages).toEqual([message(1), message(2), message(3)])
  })

  it.each([
    ['loss', []],
    ['duplicate', [1, 1, 2, 2, 3, 3]],
    ['corrupt', [expect.any(Number), expect.any(Number), expect.any(Number)]],
  ] as const)('damage by %s alone', (kind, arriving) => {
    const { world, dialer, acceptor, link } = connectedPair()
    const none = { loss: 0, duplicate: 0, reorder: 0, corrupt: 0 }
    const placed = onlyLink(world)
    faults.damageLink(placed, new Rng(1), { ...none, [kind]: 1 })
    for (const value of [1, 2, 3]) dialer().host.send(link, message(value, 4))
    world.runFor(100)
    expect(acceptor().messages.map(([value]) => value)).toEqual(arriving)
    const intact = [1, 2, 3].map(value => message(value, 4))
    const isDamaged = acceptor().messages.some(
      (received, at) => !intact[at]?.every((byte, i) => received[i] === byte),
    )
    expect(isDamaged).toBe(kind !== 'loss')
    faults.repairLink(placed)
    dialer().host.send(link, message(4))
    world.runFor(100)
    expect(acceptor().messages.at(-1)).toEqual(message(4))
  })

  it('damage by reordering: messages fall behind those sent after them, and none is lost', () => {
    const { world, dialer, acceptor, link } = connectedPair()
    const half = { loss: 0, duplicate: 0, reorder: 0.5, corrupt: 0 }
    faults.damageLink(onlyLink(world), new Rng(1), half)
    const sent = Array.from({ length: 40 }, (_, value) => value)
    for (const value of sent) dialer().host.send(link, message(value))
    faults.damageLink(onlyLink(world), new Rng(1), { ...half, reorder: 0 })
    world.runFor(100)
    const arrived = acceptor().messages.map(([value]) => value)
    expect(arrived).not.toEqual(arrived.toSorted((a = 0, b = 0) => a - b))
    // The last ones may wait for another that passes them.
    expect(new Set(arrived).size).toBe(arrived.length)
    expect(arrived.length).toBeGreaterThan(30)
  })

  it('partition: links across it wait, new ones fail; healing brings both back', () => {
    const { world, client, server, dialer, acceptor, link } = connectedPair()
    faults.partition(world, [[client], [server]])
    dialer().host.send(link, message(1))
    dialer().dial()
    world.runFor(CONNECT_TIMEOUT_MS)
    expect(acceptor().messages).toEqual([])
    expect(dialer().story.at(-1)).toMatch(/^lost 2 unreachable/)
    faults.heal(world)
    dialer().dial()
    world.runFor(100)
    expect(acceptor().messages).toEqual([message(1)])
    expect(dialer().story.at(-1)).toMatch(/^opened 3/)
  })

  it('kill: the peer hears of it, what was sent and not arrived is lost, the disk stays', () => {
    const { world, client, dialer, acceptor, link } = connectedPair()
    dialer().host.save('seed', message(7, 3))
    dialer().host.send(link, message(1))
    faults.killNode(client)
    world.runFor(100)
    expect(acceptor().story.slice(1)).toEqual(['lost 1 unreachable@110'])
    let saved: ReadonlyMap<string, Uint8Array> | undefined
    client.boot((host, kept) => {
      saved = kept
      return probeProgram(client, {}, () => {})(host, kept)
    })
    expect(saved).toEqual(new Map([['seed', message(7, 3)]]))
  })

  it('restart: the program comes back after its time', () => {
    const { world, client, server, dialer } = connectedPair()
    faults.restartNode(
      server,
      probeProgram(server, {}, () => {}),
      2_000,
    )
    world.runFor(1_000)
    const early = dialer().dial()
    world.runFor(1_500)
    const late = dialer().dial()
    world.runFor(100)
    expect(dialer().story.slice(2)).toEqual([
      `lost ${early} unreachable@1140`,
      `opened ${late}@2640`,
    ])
    expect(client.isFrozen).toBe(false)
  })

  it('power cut: silence, and a reset once the computer is up again', () => {
    const { world, server, dialer, link } = connectedPair()
    faults.cutPower(server)
    dialer().host.send(link, message(1))
    world.runFor(5_000)
    expect(dialer().story).toHaveLength(1)
    bootProbe(server)
    dialer().host.send(link, message(2))
    world.runFor(1_000)
    expect(dialer().story.slice(1)).toEqual([`lost ${link} unreachable@5110`])
    expect(world.leftovers()).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
  })

  it('freeze: nothing runs, then the timer comes before what arrived meanwhile', () => {
    const { world, server, dialer, acceptor, link } = connectedPair({}, 1, true)
    const { host } = acceptor()
    host.wakeAt(host.now() + 50)
    faults.freezeNode(server, 2_000)
    const full = Array.from({ length: 20 }, (_, value) =>
      dialer().host.send(link, message(value, 920)),
    )
    expect(full.at(-1)).toBe('full')
    world.runFor(1_999)
    expect(acceptor().story).toHaveLength(1)
    world.runFor(101)
    expect(acceptor().story.slice(1, 3)).toEqual(['wake@2100', 'message 1@2100'])
    expect(dialer().messages.map(([value]) => value)).toEqual(full.map((_, index) => index))
  })

  it('disk: a save that fails is told, a repaired disk too, a damaged one is different', () => {
    const { world, client, dialer } = connectedPair()
    dialer().host.save('a', message(1))
    faults.failDisk(client)
    dialer().host.save('a', message(2))
    world.runFor(1)
    faults.repairDisk(client)
    expect(dialer().story.slice(1)).toEqual(['storage fails@100', 'storage works@101'])
    expect(client.disk.get('a')).toEqual(message(1))
    faults.corruptDisk(client, new Rng(1))
    expect(client.disk.get('a')).not.toEqual(message(1))
    dialer().host.save('a', undefined)
    expect(client.disk.size).toBe(0)
  })
})
