import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../shared/identity/node-id.ts'
import { TAB_HELD_MAX_BYTES, TAB_PATIENCE_MS } from '../../shared/wire/limits.ts'
import { TabCredit } from './tab-credit.ts'

const ANN = 'a'.repeat(32) as KeyId

function newCredit(...tabs: string[]) {
  let bytes = 0
  const credit = new TabCredit((_, more) => {
    bytes += more
  })
  for (const tab of tabs) credit.add(tab)
  return { credit, credited: () => bytes }
}

describe('the credit of a peer', () => {
  it('is given when every tab has taken the bytes, once', () => {
    const { credit, credited } = newCredit('one', 'two')
    expect(credit.shown(0, ANN, 10)).toEqual(['one', 'two'])
    credit.shown(0, ANN, 5)
    credit.taken(1, 'one', ANN, 15)
    expect(credited()).toBe(0)
    credit.taken(2, 'two', ANN, 10)
    expect(credited()).toBe(10)
    credit.taken(3, 'two', ANN, 500)
    credit.taken(3, 'two', ANN, 500)
    credit.taken(3, 'nobody', ANN, 500)
    expect(credited()).toBe(15)
  })

  it('does not wait for a tab that is gone', () => {
    const { credit, credited } = newCredit('one', 'two')
    credit.shown(0, ANN, 10)
    credit.taken(0, 'one', ANN, 10)
    credit.remove(0, 'two')
    expect(credited()).toBe(10)
  })

  it.each([
    [TAB_PATIENCE_MS - 1, 0],
    [TAB_PATIENCE_MS, 10],
  ])('after %i ms with a tab that takes nothing is %i', (ms, bytes) => {
    const { credit, credited } = newCredit('one', 'two')
    credit.shown(0, ANN, 10)
    credit.taken(0, 'one', ANN, 10)
    credit.check(ms)
    expect(credited()).toBe(bytes)
    credit.taken(ms, 'two', ANN, 10)
    expect(credited()).toBe(10)
  })

  it('waits where no tab takes anything', () => {
    const { credit, credited } = newCredit('one', 'two')
    credit.shown(0, ANN, 10)
    credit.taken(0, 'one', ANN, 4)
    credit.check(2 * TAB_PATIENCE_MS)
    expect(credited()).toBe(4)
  })

  it.each([
    [TAB_HELD_MAX_BYTES - 10, ['one', 'two']],
    [TAB_HELD_MAX_BYTES - 9, ['two']],
  ])('leaves out a tab in which %i bytes wait', (bytes, tabs) => {
    const { credit, credited } = newCredit('one', 'two')
    credit.shown(0, ANN, bytes)
    credit.taken(0, 'two', ANN, bytes)
    expect(credit.shown(0, ANN, 10)).toEqual(tabs)
    credit.taken(0, 'two', ANN, 10)
    credit.taken(0, 'one', ANN, TAB_HELD_MAX_BYTES)
    expect(credited()).toBe(bytes + 10)
  })
})
