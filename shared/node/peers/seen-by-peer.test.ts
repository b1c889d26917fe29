import { expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { SEEN_PEERS_KEPT } from '../../wire/limits.ts'
import { seenByPeer } from './seen-by-peer.ts'

const ID = new Uint8Array(16)
const keyOf = (number: number): KeyId => `peer ${number}` as KeyId

it('remembers what each peer has sent, however often it is asked for', () => {
  const seenOf = seenByPeer()
  expect(seenOf(keyOf(1)).add(ID)).toBe(true)
  expect(seenOf(keyOf(2)).add(ID)).toBe(true)
  expect(seenOf(keyOf(1)).add(ID)).toBe(false)
})

it.each([
  [SEEN_PEERS_KEPT - 1, false],
  [SEEN_PEERS_KEPT, true],
])('after %i others the first one is forgotten: %s', (others, isForgotten) => {
  const seenOf = seenByPeer()
  seenOf(keyOf(0)).add(ID)
  for (let other = 1; other <= others; other++) seenOf(keyOf(other))
  expect(seenOf(keyOf(0)).add(ID)).toBe(isForgotten)
})
