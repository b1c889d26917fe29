import { describe, expect, it } from 'vitest'
import { dialedFrom } from './dialed-from.ts'

const at = (...urls: string[]) => urls.map(url => ({ url }))
const HERE_ONLY = { lab: false, lan: true, isExposed: false }
const ON_LAN = { lab: false, lan: true, isExposed: true }
const LAB = { lab: true, lan: false, isExposed: true }

describe('from where other servers dial this one', () => {
  it.each([
    ['wss://one.example:8080'],
    ['wss://203.0.113.7:8080'],
    ['wss://[2001:db8::7]:8080'],
    ['wss://192.168.1.5:8080', 'wss://203.0.113.7:8080'],
  ])('from anywhere: %s', (...urls) => {
    expect(dialedFrom(ON_LAN, at(...urls))).toBe('anywhere')
  })

  it.each([
    ['wss://127.0.0.1:8080'],
    ['wss://localhost:8080'],
    ['wss://192.168.1.5:8080', 'wss://[fd00::5]:8080'],
  ])('from the local network, where it is heard there: %s', (...urls) => {
    expect(dialedFrom(ON_LAN, at(...urls))).toBe('localNetwork')
    expect(dialedFrom({ ...ON_LAN, lan: false }, at(...urls))).toBe('nowhere')
    expect(dialedFrom(HERE_ONLY, at(...urls))).toBe('nowhere')
    expect(dialedFrom(LAB, at(...urls))).toBe('anywhere')
  })
})
