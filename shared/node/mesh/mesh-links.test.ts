import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import {
  MESH_CANDIDATES,
  MESH_EXPLORE_MS,
  MESH_LINKS,
  MESH_LOOK_MS,
  MESH_MAX_LINKS,
  MESH_MEET_MS,
  MESH_OWN_LINKS,
  MESH_PART_MS,
  MESH_TRY_AGAIN_MS,
} from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import type { LinkedNeighbour } from '../neighbours/linked-neighbour.ts'
import { MeshLinks } from './mesh-links.ts'
import type { MeshLinksEffect } from './mesh-types.ts'

const UNIX_MS = 1_790_000_000_000
const SERVER = { link: 900 as LinkId, key: keyOf(900), isServer: true }
const RELAYING = { record: { relay: 1 } } as SignedRecord

function keyOf(number: number): KeyId {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, number)
  return keyIdOf(bytes)
}

/** A node whose candidates link to it as it wants, after the time that each one takes. */
class Node {
  readonly linked = new Map<KeyId, LinkedNeighbour>()
  readonly met: KeyId[] = []
  readonly log: MeshLinksEffect[] = []
  isRelaying = true
  hasRoom = true
  isAllowed: (key: KeyId) => boolean = () => true
  inUse = new Set<KeyId>()
  /** Whether a candidate that is met links to us. */
  links: (key: KeyId) => boolean = () => true
  rttOf: (key: KeyId) => number | undefined = () => 20
  now = 0
  readonly mesh: MeshLinks
  #lastLink = 0

  constructor(seed = 1) {
    this.mesh = new MeshLinks({
      random: seededRandom(seed),
      ownKey: keyOf(0),
      isRelaying: () => this.isRelaying,
      linked: () => [...this.linked.values()],
      sources: () => [SERVER],
      hasRoom: () => this.hasRoom,
      isAllowed: key => this.isAllowed(key),
      isInUse: (_, key) => this.inUse.has(key),
    })
  }

  get time() {
    return { now: this.now, unixMs: UNIX_MS + this.now }
  }

  hear(...numbers: number[]): void {
    this.mesh.heard(this.time, numbers.map(keyOf))
    this.#drain()
  }

  link(key: KeyId): void {
    this.#lastLink += 1
    const link = this.#lastLink as LinkId
    this.linked.set(key, { key, link, rttMs: this.rttOf(key), record: RELAYING })
    this.mesh.linked(this.time, key)
    this.#drain()
  }

  unlink(key: KeyId): void {
    this.linked.delete(key)
    this.mesh.unlinked(this.time, key)
    this.#drain()
  }

  run(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const next = this.mesh.nextTimeout()
      if (next === undefined || next > end) break
      this.now = Math.max(this.now, next)
      this.mesh.timeout(this.time)
      this.#drain()
    }
    this.now = end
  }

  count(kind: MeshLinksEffect['kind']): number {
    return this.log.filter(effect => effect.kind === kind).length
  }

  #drain(): void {
    for (let effect = this.mesh.poll(); effect !== undefined; effect = this.mesh.poll()) {
      this.log.push(effect)
      if (effect.kind === 'meet') {
        this.met.push(effect.key)
        if (this.links(effect.key)) this.link(effect.key)
      }
      if (effect.kind === 'drop') {
        const { link } = effect
        const gone = [...this.linked.values()].find(one => one.link === link)
        if (gone !== undefined) this.unlink(gone.key)
      }
    }
  }
}

function numbers(count: number, first = 1): number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}

describe('links among clients that relay', () => {
  it('come about with those that others name, one after the other, up to as many as it wants', () => {
    const node = new Node()
    node.mesh.hurry(node.time)
    node.run(MESH_LOOK_MS)
    expect(node.log[0]).toEqual({ kind: 'ask', sources: [SERVER] })
    node.hear(...numbers(10))
    node.run(MESH_LOOK_MS)
    expect(node.linked.size).toBe(MESH_LINKS)
    expect(new Set(node.met).size).toBe(MESH_LINKS)
    expect(node.count('part')).toBe(MESH_LINKS)
  })

  it('leave each session to the other side until it has the link, too', () => {
    const node = new Node()
    node.hear(1)
    node.run(0)
    expect(node.log).toEqual([{ kind: 'meet', key: keyOf(1) }])
    node.run(MESH_PART_MS - 1)
    expect(node.count('part')).toBe(0)
    node.run(1)
    expect(node.log.at(-1)).toEqual({ kind: 'part', key: keyOf(1) })
  })

  it('do not wait for ever for one that does not link, nor try it again soon', () => {
    const node = new Node()
    node.links = () => false
    node.hear(1)
    node.run(MESH_MEET_MS)
    expect(node.log).toEqual([
      { kind: 'meet', key: keyOf(1) },
      { kind: 'part', key: keyOf(1) },
    ])
    node.run(MESH_TRY_AGAIN_MS - MESH_MEET_MS - 1)
    expect(node.met).toEqual([keyOf(1)])
    node.run(4 * MESH_LOOK_MS)
    expect(node.met).toEqual([keyOf(1), keyOf(1)])
  })

  it('go on to the next when one fails at once', () => {
    const node = new Node()
    node.links = () => false
    node.hear(1, 2)
    node.run(0)
    const [first] = node.met
    if (first === undefined) throw new Error('nobody was met')
    node.mesh.failed(node.time, first)
    node.run(MESH_LOOK_MS)
    expect(node.met).toHaveLength(2)
  })

  it.each<[string, Partial<Pick<Node, 'isRelaying' | 'hasRoom' | 'isAllowed'>>]>([
    ['does not relay any more', { isRelaying: false }],
    ['has no connection to spare', { hasRoom: false }],
    ['lets nobody see its addresses', { isAllowed: () => false }],
  ])('are not sought by one that %s', (_, state) => {
    const node = Object.assign(new Node(), state)
    node.hear(...numbers(5))
    node.run(10 * MESH_LOOK_MS)
    expect(node.met).toEqual([])
  })

  it('are not all with those who came by themselves', () => {
    const node = new Node()
    for (const number of numbers(MESH_MAX_LINKS - MESH_OWN_LINKS, 100)) {
      expect(node.mesh.admits(node.time, keyOf(number), 0)).toBe(true)
      node.link(keyOf(number))
    }
    expect(node.mesh.admits(node.time, keyOf(200), 0)).toBe(false)
    node.hear(1, 2, 3)
    node.run(MESH_LOOK_MS)
    expect(node.linked.size).toBe(MESH_MAX_LINKS)
    expect(node.met).toHaveLength(MESH_OWN_LINKS)
  })

  it('are held against whoever wants a connection, as many as are to be of its own choice', () => {
    const node = new Node()
    node.link(keyOf(100))
    node.hear(...numbers(10))
    node.run(MESH_LOOK_MS)
    const pinned = [...node.linked.keys()].filter(key => node.mesh.pins(key))
    expect(pinned).toEqual(node.met.slice(0, MESH_OWN_LINKS))
    const [gone] = pinned as [KeyId]
    node.unlink(gone)
    expect(node.mesh.pins(gone)).toBe(false)
  })

  it('count those who are about to come', () => {
    const node = new Node()
    const most = MESH_MAX_LINKS - MESH_OWN_LINKS
    expect(node.mesh.admits(node.time, keyOf(1), most - 1)).toBe(true)
    expect(node.mesh.admits(node.time, keyOf(1), most)).toBe(false)
  })

  it('take the place of one that went', () => {
    const node = new Node()
    node.hear(...numbers(10))
    node.run(MESH_LOOK_MS)
    const [gone] = node.met
    if (gone === undefined) throw new Error('nobody was met')
    node.unlink(gone)
    node.run(MESH_LOOK_MS)
    expect(node.linked.size).toBe(MESH_LINKS)
    expect(node.linked.has(gone)).toBe(false)
  })

  it('are tried now and then with a stranger, and the nearest of all stay', () => {
    const node = new Node()
    // The two nearest are among many, and met at some time.
    node.rttOf = key => (key === keyOf(1) ? 2 : key === keyOf(2) ? 3 : 50)
    node.hear(...numbers(20))
    node.run(60 * MESH_EXPLORE_MS)
    expect(node.met.length).toBeGreaterThan(2 * MESH_LINKS)
    expect([...node.linked.keys()]).toEqual(expect.arrayContaining([keyOf(1), keyOf(2)]))
    expect(node.linked.size).toBe(MESH_LINKS)
  })

  it('make no place while they are in use', () => {
    const node = new Node()
    node.hear(...numbers(20))
    node.run(MESH_LOOK_MS)
    for (const key of node.linked.keys()) node.inUse.add(key)
    const before = [...node.linked.keys()]
    node.run(4 * MESH_EXPLORE_MS)
    expect([...node.linked.keys()]).toEqual(expect.arrayContaining(before))
  })

  it('remember no more candidates than they may', () => {
    const node = new Node()
    node.isRelaying = false
    node.hear(...numbers(2 * MESH_CANDIDATES))
    node.links = () => false
    node.isRelaying = true
    node.run(2 * MESH_CANDIDATES * MESH_MEET_MS)
    expect(new Set(node.met).size).toBeLessThanOrEqual(MESH_CANDIDATES)
  })
})
