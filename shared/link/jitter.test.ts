import { describe, expect, it } from 'vitest'
import { jittered, unitInterval } from './jitter.ts'

const zeros = (length: number) => new Uint8Array(length)
const ones = (length: number) => new Uint8Array(length).fill(0xff)
const middle = (length: number) => new Uint8Array(length).fill(0x80, 0, 1)

describe('jitter', () => {
  it.each([
    [zeros, 0],
    [middle, 1 / 2],
    [ones, 1 - 2 ** -32],
  ])('is uniform from 0 to below 1', (random, expected) => {
    expect(unitInterval(random)).toBe(expected)
  })

  it.each([
    [zeros, 900],
    [middle, 1_000],
    [ones, 1_100],
  ])('is as much more as less', (random, expected) => {
    expect(jittered(random, 1_000, 1 / 10)).toBe(expected)
  })
})
