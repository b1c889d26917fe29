import { describe, expect, it } from 'vitest'
import type { LinkId } from '../shared/link/link-id.ts'
import { WaitingLogins } from './waiting-logins.ts'

const link = (n: number): LinkId => n as LinkId

function waiting(...addresses: (string | undefined)[]): WaitingLogins {
  const logins = new WaitingLogins()
  addresses.forEach((address, n) => {
    logins.add(link(n), address)
  })
  return logins
}

describe('logins that wait', () => {
  it('give up the oldest of whoever has most of them', () => {
    const logins = waiting('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.2', '10.0.0.2')
    expect(logins.toGiveUpFor('10.0.0.9')).toBe(1)
  })

  it('give up the oldest of all where everybody has one', () => {
    expect(waiting('10.0.0.1', '10.0.0.2').toGiveUpFor('10.0.0.9')).toBe(0)
  })

  it('give up none for who has as many as anybody', () => {
    const logins = waiting('10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.2')
    expect(logins.toGiveUpFor('10.0.0.1')).toBeUndefined()
    expect(new WaitingLogins().toGiveUpFor('10.0.0.1')).toBeUndefined()
  })

  it('count a network of IPv6 as one, and what cannot be read as one', () => {
    const logins = waiting('2001:db8::1', undefined, '2001:db8:0:1::2')
    expect(logins.toGiveUpFor('2001:db8::9')).toBeUndefined()
    expect(logins.toGiveUpFor(undefined)).toBe(0)
  })

  it('are forgotten when they are done, whichever way', () => {
    const logins = waiting('10.0.0.1', undefined)
    expect(logins.size).toBe(2)
    expect(logins.remove(link(0))).toEqual({ address: '10.0.0.1' })
    expect(logins.remove(link(0))).toBeUndefined()
    expect(logins.remove(link(1))).toEqual({ address: undefined })
    expect(logins.size).toBe(0)
  })
})
