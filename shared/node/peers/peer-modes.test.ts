import { expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { PEER_MODES_KEPT } from '../../wire/limits.ts'
import { PeerModes } from './peer-modes.ts'

const keyOf = (number: number): KeyId => `peer ${number}` as KeyId

it('keeps what was asked for, of each peer for itself', () => {
  const modes = new PeerModes('fast')
  modes.set(keyOf(1), 'private')
  modes.set(keyOf(2), 'relay')
  expect([1, 2, 3].map(number => modes.of(keyOf(number)))).toEqual(['private', 'relay', 'fast'])
  modes.set(keyOf(1), 'fast')
  expect(modes.of(keyOf(1))).toBe('fast')
})

it('lets a peer be laxer than the default', () => {
  const modes = new PeerModes('private')
  modes.set(keyOf(1), 'fast')
  expect([modes.of(keyOf(1)), modes.of(keyOf(2))]).toEqual(['fast', 'private'])
})

it('begins with what was asked for in an earlier life', () => {
  const modes = new PeerModes('fast', [[keyOf(1), 'private']])
  expect([modes.of(keyOf(1)), modes.of(keyOf(2))]).toEqual(['private', 'fast'])
})

it.each([
  [PEER_MODES_KEPT - 1, 'private'],
  [PEER_MODES_KEPT, 'fast'],
])('after %i others the first one is %s', (others, mode) => {
  const modes = new PeerModes('fast')
  modes.set(keyOf(0), 'private')
  for (let other = 1; other <= others; other++) modes.set(keyOf(other), 'relay')
  expect(modes.of(keyOf(0))).toBe(mode)
})
