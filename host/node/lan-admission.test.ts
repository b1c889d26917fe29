import { describe, expect, it } from 'vitest'
import {
  LAN_CONNECTS_PER_ADDRESS_BURST,
  LAN_CONNECTS_PER_ADDRESS_PER_S,
  LAN_MAX_LINKS,
  LAN_MAX_LINKS_PER_ADDRESS,
  LAN_MAX_UNAUTHENTICATED_LINKS,
} from '../../shared/wire/limits.ts'
import { LanAdmission } from './lan-admission.ts'

describe('the admission of neighbours', () => {
  it('takes so many connections of one address', () => {
    const admission = new LanAdmission()
    for (let n = 0; n < LAN_MAX_LINKS_PER_ADDRESS; n++) {
      expect(admission.connect(0, 'a', 0)).toBe(true)
    }
    expect(admission.connect(0, 'a', 0)).toBe(false)
    expect(admission.connect(0, 'b', 0)).toBe(true)
    admission.disconnected('a')
    expect(admission.connect(0, 'a', 0)).toBe(true)
  })

  it('takes so many in all', () => {
    const admission = new LanAdmission()
    for (let n = 0; n < LAN_MAX_LINKS; n++) expect(admission.connect(0, `a${n}`, 0)).toBe(true)
    expect(admission.connect(0, 'b', 0)).toBe(false)
    expect(admission.open).toBe(LAN_MAX_LINKS)
    for (let n = 0; n < LAN_MAX_LINKS; n++) admission.disconnected(`a${n}`)
    admission.disconnected('never here')
    expect(admission.open).toBe(0)
    expect(admission.connect(0, 'b', 0)).toBe(true)
  })

  it.each([
    [LAN_MAX_UNAUTHENTICATED_LINKS - 1, true],
    [LAN_MAX_UNAUTHENTICATED_LINKS, false],
    [LAN_MAX_UNAUTHENTICATED_LINKS + 1, false],
  ])('with %i that have not logged in takes one more: %s', (unauthenticated, expected) => {
    expect(new LanAdmission().connect(0, 'a', unauthenticated)).toBe(expected)
  })

  it('holds an address to its rate, however short its connections', () => {
    const admission = new LanAdmission()
    let taken = 0
    for (let now = 0; now < 10_000; now += 10) {
      if (!admission.connect(now, 'a', 0)) continue
      admission.disconnected('a')
      taken += 1
    }
    const most = LAN_CONNECTS_PER_ADDRESS_BURST + 10 * LAN_CONNECTS_PER_ADDRESS_PER_S
    expect(taken).toBeLessThanOrEqual(most)
    expect(taken).toBeGreaterThan(LAN_CONNECTS_PER_ADDRESS_BURST)
  })
})
