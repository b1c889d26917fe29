import { describe, expect, it } from 'vitest'
import {
  LINK_DEAD_CLIENT_MS,
  LINK_DEAD_MS,
  LINK_DOUBT_MS,
  LINK_DOUBT_ROUND_TRIPS,
  LINK_MEASURE_AFTER_MS,
  PING_INTERVAL_MIN_MS,
  PING_INTERVAL_MS,
  PING_JITTER_MS,
  TIMER_DRIFT_MS,
  TIMER_MAX_GRACES,
} from '../wire/limits.ts'
import { initiatorPolicy, Keepalive, responderPolicy } from './keepalive.ts'

const START = 5_000
const symmetrical = responderPolicy('server')

describe('policies', () => {
  it('let both ends of a server link ping', () => {
    expect(symmetrical).toEqual({ pingAfterMs: PING_INTERVAL_MS, deadAfterMs: LINK_DEAD_MS })
    expect(initiatorPolicy(PING_INTERVAL_MS)).toMatchObject(symmetrical)
  })

  it('give a client the time of a hidden tab, and one probe before its end', () => {
    const policy = responderPolicy('client')
    expect(policy.deadAfterMs).toBe(LINK_DEAD_CLIENT_MS)
    expect(policy.pingAfterMs).toBeGreaterThan(60_000)
    expect(policy.deadAfterMs - policy.pingAfterMs).toBe(LINK_DEAD_MS - PING_INTERVAL_MS)
  })

  it.each([
    [0, PING_INTERVAL_MIN_MS],
    [PING_INTERVAL_MIN_MS - 1, PING_INTERVAL_MIN_MS],
    [PING_INTERVAL_MIN_MS + 1, PING_INTERVAL_MIN_MS + 1],
    [PING_INTERVAL_MS - 1, PING_INTERVAL_MS - 1],
    [PING_INTERVAL_MS + 1, PING_INTERVAL_MS],
    [Number.MAX_SAFE_INTEGER, PING_INTERVAL_MS],
  ])('turn a wish for %d ms into %d ms', (wish, pingAfterMs) => {
    expect(initiatorPolicy(wish)).toMatchObject({ pingAfterMs, deadAfterMs: LINK_DEAD_MS })
  })
})

describe('Keepalive', () => {
  it('pings after the interval and its jitter, and not a moment before', () => {
    for (const jitter of [0, 0.5, 0.999]) {
      const keepalive = new Keepalive(symmetrical, START, jitter)
      const due = START + PING_INTERVAL_MS + jitter * PING_JITTER_MS
      expect(keepalive.alarmAt).toBe(due)
      expect(keepalive.alarm(due - 1, 0)).toBe('wait')
      expect(keepalive.alarm(due, 0)).toBe('ping')
    }
  })

  it('declares death at the limit, after one ping, and not a moment before', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    expect(keepalive.alarm(START + PING_INTERVAL_MS, 0)).toBe('ping')
    expect(keepalive.alarmAt).toBe(START + LINK_DEAD_MS)
    expect(keepalive.alarm(START + LINK_DEAD_MS - 1, 0)).toBe('wait')
    expect(keepalive.alarm(START + LINK_DEAD_MS, 0)).toBe('dead')
  })

  it('comes back for the next ping where the limit is far', () => {
    const keepalive = new Keepalive({ pingAfterMs: 2_000, deadAfterMs: 20_000 }, START, 0)
    expect(keepalive.alarm(START + 2_000, 0)).toBe('ping')
    expect(keepalive.alarmAt).toBe(START + 4_000)
    expect(keepalive.alarm(START + 4_000, 0)).toBe('wait')
    expect(keepalive.alarmAt).toBe(START + 20_000)
    expect(keepalive.alarm(START + 20_000, 0)).toBe('dead')
  })

  it('moves its alarm only when it fires, however much is received', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    const first = keepalive.alarmAt
    for (let now = START; now < first; now += 100) keepalive.received(now)
    expect(keepalive.alarmAt).toBe(first)
    expect(keepalive.alarm(first, 0.25)).toBe('wait')
    expect(keepalive.alarmAt).toBe(first - 100 + PING_INTERVAL_MS + 0.25 * PING_JITTER_MS)
  })

  it('forgets the ping once something came', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    expect(keepalive.alarm(START + PING_INTERVAL_MS, 0)).toBe('ping')
    keepalive.received(START + PING_INTERVAL_MS + 1)
    expect(keepalive.alarm(keepalive.alarmAt, 0)).toBe('wait')
    expect(keepalive.alarm(keepalive.alarmAt, 0)).toBe('ping')
  })

  it.each([
    [TIMER_DRIFT_MS - 1, 'dead'],
    [TIMER_DRIFT_MS, 'dead'],
    [TIMER_DRIFT_MS + 1, 'ping'],
    [10 * LINK_DEAD_MS, 'ping'],
  ] as const)('answers an alarm of death that is %d ms late with %s', (lateMs, verdict) => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    keepalive.alarm(START + PING_INTERVAL_MS, 0)
    const now = START + LINK_DEAD_MS + lateMs
    expect(keepalive.alarm(now, 0)).toBe(verdict)
    if (verdict === 'ping') expect(keepalive.alarmAt).toBe(now + LINK_DEAD_MS - PING_INTERVAL_MS)
  })

  it('asks an alarm of ping that is very late no more than a fresh one', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    const now = START + 60_000
    expect(keepalive.alarm(now, 0)).toBe('ping')
    expect(keepalive.alarmAt).toBe(now + LINK_DEAD_MS - PING_INTERVAL_MS)
  })

  it('ends even where every alarm is late, as in a hidden tab', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    const verdicts = Array.from({ length: TIMER_MAX_GRACES + 1 }, (_, minute) =>
      keepalive.alarm(START + (minute + 1) * 60_000, 0),
    )
    expect(verdicts).toEqual([...Array(TIMER_MAX_GRACES).fill('ping'), 'dead'])
  })

  it('grants anew after each sign of life', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    for (let i = 1; i <= 10; i++) {
      expect(keepalive.alarm(START + i * 60_000, 0)).toBe('ping')
      keepalive.received(START + i * 60_000 + 5)
    }
  })

  it('measures its last ping only', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    expect(keepalive.pong(0, START)).toBeUndefined()
    const first = keepalive.ping(START)
    const second = keepalive.ping(START + 10)
    expect(keepalive.pong(first, START + 15)).toBeUndefined()
    expect(keepalive.pong(second, START + 15)).toBe(5)
    expect(keepalive.pong(second + 1, START + 15)).toBeUndefined()
    expect(keepalive.pong(second, START + 99)).toBeUndefined()
  })
})

describe('who dialed', () => {
  const policy = initiatorPolicy(PING_INTERVAL_MS)

  /** Runs the alarms of a link on which something comes every `everyMs`. @returns when it pinged */
  function pings(everyMs: number, forMs: number): number[] {
    const keepalive = new Keepalive(policy, START, 0.5)
    const at: number[] = []
    for (let now = START; now <= START + forMs; now += 100) {
      if (now >= keepalive.alarmAt && keepalive.alarm(now, 0.5) === 'ping') {
        at.push(now - START)
        keepalive.pong(keepalive.ping(now), now)
        keepalive.received(now)
      }
      if ((now - START) % everyMs === 0) keepalive.received(now)
    }
    return at
  }

  it('measures soon after the login, and then as often as if the link were silent', () => {
    const [first, often] = [1.5 * LINK_MEASURE_AFTER_MS, PING_INTERVAL_MS + 1.5 * PING_JITTER_MS]
    expect(pings(100, first + 3 * often)).toEqual([0, 1, 2, 3].map(n => first + n * often))
  })

  it('asks no more of a silent link than before, but once', () => {
    const forMs = 10 * PING_INTERVAL_MS
    const silent = pings(Number.POSITIVE_INFINITY, forMs)
    expect(silent[0]).toBe(1.5 * LINK_MEASURE_AFTER_MS)
    expect(silent.length).toBeLessThanOrEqual(1 + forMs / PING_INTERVAL_MS)
  })
})

describe('a link that is doubted', () => {
  const doubted = () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    keepalive.doubt(START)
    return keepalive
  }

  it('is pinged at once, and dead when nothing comes', () => {
    const keepalive = doubted()
    expect(keepalive.alarm(keepalive.alarmAt, 0)).toBe('ping')
    expect(keepalive.alarmAt).toBe(START + LINK_DOUBT_MS)
    expect(keepalive.alarm(START + LINK_DOUBT_MS - 1, 0)).toBe('wait')
    expect(keepalive.alarm(START + LINK_DOUBT_MS, 0)).toBe('dead')
  })

  it('goes on as before once the ping is answered', () => {
    const keepalive = doubted()
    keepalive.alarm(START, 0)
    const id = keepalive.ping(START)
    keepalive.received(START + 10)
    expect(keepalive.pong(id, START + 10)).toBe(10)
    expect(keepalive.alarm(START + LINK_DOUBT_MS, 0)).toBe('wait')
    expect(keepalive.alarmAt).toBe(START + 10 + PING_INTERVAL_MS)
  })

  it('is waited for while something comes, and not believed for it', () => {
    const keepalive = doubted()
    keepalive.alarm(START, 0)
    keepalive.ping(START)
    keepalive.received(START + LINK_DOUBT_MS / 2)
    expect(keepalive.alarm(START + LINK_DOUBT_MS, 0)).toBe('wait')
    expect(keepalive.alarmAt).toBe(START + 1.5 * LINK_DOUBT_MS)
    expect(keepalive.alarm(keepalive.alarmAt, 0)).toBe('dead')
  })

  it('is given some of its own round trips', () => {
    const keepalive = new Keepalive(symmetrical, START, 0)
    const pong = START + LINK_DOUBT_MS
    keepalive.pong(keepalive.ping(START), pong)
    keepalive.doubt(pong)
    expect(keepalive.alarm(pong, 0)).toBe('ping')
    expect(keepalive.alarmAt).toBe(pong + LINK_DOUBT_ROUND_TRIPS * LINK_DOUBT_MS)
  })

  it('is not doubted anew by a second doubt', () => {
    const keepalive = doubted()
    keepalive.alarm(START, 0)
    keepalive.doubt(START + 1)
    expect(keepalive.alarmAt).toBe(START + LINK_DOUBT_MS)
  })

  it('is asked once more by a host that was late itself, and once only', () => {
    const keepalive = doubted()
    keepalive.alarm(START, 0)
    const late = START + LINK_DOUBT_MS + TIMER_DRIFT_MS + 1
    expect(keepalive.alarm(late, 0)).toBe('ping')
    expect(keepalive.alarm(late + LINK_DOUBT_MS + TIMER_DRIFT_MS + 1, 0)).toBe('dead')
  })
})
