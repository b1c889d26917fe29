import { describe, expect, it } from 'vitest'
import { agoText, bytesText, countText, durationText, speedText } from './quantity-text.ts'

describe('durationText', () => {
  it.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [9.94, '9.9 ms'],
    [10, '10 ms'],
    [999.4, '999 ms'],
    [1_000, '1 s'],
    [1_250, '1.3 s'],
  ])('%d ms', (ms, text) => expect(durationText(ms)).toBe(text))
})

describe('speedText', () => {
  it.each([
    [12, '12 B/s'],
    [1_000, '1 kB/s'],
    [999_000, '999 kB/s'],
    [1_250_000, '1.3 MB/s'],
  ])('%d bytes a second', (bytesPerS, text) => expect(speedText(bytesPerS)).toBe(text))
})

describe('agoText', () => {
  it.each([
    [-2_000, 'in the future'],
    [-400, '0 s ago'],
    [119_000, '119 s ago'],
    [120_000, '2 min ago'],
    [7_200_000, '2 h ago'],
    [172_800_000, '2 days ago'],
  ])('%d ms', (ms, text) => expect(agoText(ms)).toBe(text))
})

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [2 ** 10 - 1, '1023 B'],
    [2 ** 10, '1 KiB'],
    [2 ** 20, '1 MiB'],
    [500 * 2 ** 20, '500 MiB'],
    [1.5 * 2 ** 30, '1.5 GiB'],
  ])('%d bytes', (bytes, text) => expect(bytesText(bytes)).toBe(text))
})

describe('countText', () => {
  it.each([
    [0, '0 hops'],
    [1, '1 hop'],
    [2, '2 hops'],
  ])('%d', (count, text) => expect(countText(count, 'hop')).toBe(text))
})
