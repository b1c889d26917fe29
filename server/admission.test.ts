import { describe, expect, it } from 'vitest'
import { FAILED_LOGIN_MEMORY_MS } from '../shared/wire/limits.ts'
import type { AdmissionLimits, Load } from './admission.ts'
import { ADMISSION_LIMITS, Admission } from './admission.ts'

const HOUR_MS = 3_600_000
const IDLE: Load = { links: 0, unauthenticatedLinks: 0, isBusy: false }

function admission(limits: Partial<AdmissionLimits> = {}, isByAddress = true, random = 0) {
  return new Admission({ ...ADMISSION_LIMITS, ...limits }, isByAddress, () => random)
}

/** How many of `wishes` connects at once an address gets. */
function connectMany(door: Admission, wishes: number, address = '192.0.2.1', now = 0): number {
  let taken = 0
  for (let wish = 0; wish < wishes; wish += 1) {
    if (door.connect(now, address, 0) === 'ok') taken += 1
  }
  return taken
}

describe('admission of connections', () => {
  it('lets one address connect as fast as the burst, then refuses it for an hour', () => {
    const door = admission()
    expect(connectMany(door, 40)).toBe(40)
    expect(door.connect(0, '192.0.2.1', 0)).toBe('tooFast')
    expect(door.connect(HOUR_MS - 1, '192.0.2.1', 0)).toBe('tooFast')
    expect(door.connect(HOUR_MS, '192.0.2.1', 0)).toBe('ok')
    expect(door.openConnections).toBe(41)
  })

  it('refuses for up to half an hour more, by chance', () => {
    const door = admission({}, true, 0.999_999)
    connectMany(door, 41)
    expect(door.connect(1.49 * HOUR_MS, '192.0.2.1', 0)).toBe('tooFast')
    expect(door.connect(1.5 * HOUR_MS, '192.0.2.1', 0)).toBe('ok')
  })

  it('never shuts this machine out for long: any page in its browser can use the rate up', () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      const door = admission()
      expect(connectMany(door, 41, address)).toBe(40)
      expect(door.connect(1_000, address, 0)).toBe('ok')
    }
  })

  it('lets an address go on at its rate', () => {
    const door = admission({ maxPerAddress: 10_000 })
    for (let now = 0; now < 20_000; now += 50)
      expect(door.connect(now, '::ffff:1.2.3.4', 0)).toBe('ok')
  })

  it('does not let one address hold another back', () => {
    const door = admission()
    connectMany(door, 5_000)
    expect(door.connect(0, '192.0.2.2', 0)).toBe('ok')
  })

  it('caps what one address holds open, and counts what it lets go', () => {
    const door = admission({ connectsBurst: 1_000 })
    expect(connectMany(door, 99)).toBe(99)
    expect(connectMany(door, 2)).toBe(1)
    expect(door.connect(0, '192.0.2.1', 0)).toBe('tooManyOfAddress')
    door.disconnected('192.0.2.1')
    expect(connectMany(door, 2)).toBe(1)
  })

  it('caps an IPv6 customer by /56 and a site by /48', () => {
    const door = admission({ connectsBurst: 1_000 })
    expect(connectMany(door, 101, '2001:db8:0:1::1')).toBe(100)
    expect(connectMany(door, 1, '2001:db8:0:ff::9')).toBe(0)
    for (let customer = 1; customer < 8; customer += 1) {
      expect(connectMany(door, 101, `2001:db8:0:${customer}00::1`)).toBe(100)
    }
    expect(door.connect(0, '2001:db8:0:900::1', 0)).toBe('tooManyOfAddress')
    expect(door.connect(0, '2001:db8:1::1', 0)).toBe('ok')
  })

  it('keeps room for pages apart from links', () => {
    const door = admission({ maxWebConnections: 3, maxLinks: 10 }, false)
    expect(connectMany(door, 5)).toBe(3)
    expect(door.connect(0, undefined, 1)).toBe('ok')
    expect(door.connect(0, undefined, 1)).toBe('full')
    for (let links = 2; links <= 10; links += 1)
      expect(door.connect(0, undefined, links)).toBe('ok')
    expect(door.connect(0, undefined, 11)).toBe('full')
  })

  it('counts no addresses where all clients share one', () => {
    const door = admission({}, false)
    expect(connectMany(door, 1_000)).toBe(1_000)
    door.loginFailed(0, '192.0.2.1')
    expect(door.judgeLogin(0, '192.0.2.1', { ...IDLE, isBusy: true })).toBe('ok')
  })

  it('remembers a bounded number of addresses, the latest', () => {
    const door = admission()
    connectMany(door, 41, '192.0.2.1')
    for (let n = 0; n < 65_536; n += 1) {
      const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
      door.connect(0, address, 60_000)
      door.disconnected(address)
    }
    expect(door.connect(0, '192.0.2.1', 0)).toBe('ok')
  })
})

describe('admission of logins', () => {
  it('drops the newest over the caps', () => {
    const door = admission()
    const judge = (load: Partial<Load>) => door.judgeLogin(0, '192.0.2.1', { ...IDLE, ...load })
    expect(judge({ unauthenticatedLinks: 63 })).toBe('ok')
    expect(judge({ unauthenticatedLinks: 64 })).toBe('tooManyUnauthenticated')
    expect(judge({ links: 9_999 })).toBe('ok')
    expect(judge({ links: 10_000 })).toBe('full')
  })

  it('puts off those who failed lately while the server is busy, and nobody else', () => {
    const door = admission()
    const busy = { ...IDLE, isBusy: true }
    door.loginFailed(1_000, '192.0.2.1')
    expect(door.judgeLogin(1_000, '192.0.2.1', IDLE)).toBe('ok')
    expect(door.judgeLogin(1_000, '192.0.2.1', busy)).toBe('busy')
    expect(door.judgeLogin(1_000, '192.0.2.2', busy)).toBe('ok')
    expect(door.judgeLogin(999 + FAILED_LOGIN_MEMORY_MS, '192.0.2.1', busy)).toBe('busy')
    expect(door.judgeLogin(1_000 + FAILED_LOGIN_MEMORY_MS, '192.0.2.1', busy)).toBe('ok')
  })

  it('counts a failed login as four connects', () => {
    const door = admission()
    let taken = 0
    for (; taken < 100 && door.connect(0, '192.0.2.1', 0) === 'ok'; taken += 1) {
      door.loginFailed(0, '192.0.2.1')
      door.disconnected('192.0.2.1')
    }
    expect(taken).toBe(10)
  })

  it('asks for different times of those it puts off', () => {
    expect(admission({}, true, 0).retryAfterMs()).toBe(2_000)
    expect(admission({}, true, 0.999).retryAfterMs()).toBe(2_999)
  })
})
