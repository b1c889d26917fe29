import { describe, expect, it } from 'vitest'
import { EffectQueue } from '../machine/effect-queue.ts'
import {
  MESSAGE_TIMEOUT_MS,
  MESSAGES_IN_FLIGHT,
  OUTBOX_MAX_BYTES,
  OUTBOX_MAX_MESSAGES,
} from '../wire/limits.ts'
import type { SessionEffect } from './effects.ts'
import { SendCredit } from './flow.ts'
import { Outbox } from './outbox.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import type { MessageRun } from './sent-packets.ts'

const out = new Uint8Array(2_000)

function idOf(value: number): Uint8Array {
  const id = new Uint8Array(16)
  new DataView(id.buffer).setUint32(0, value)
  return id
}

class Fixture {
  readonly effects = new EffectQueue<SessionEffect>()
  readonly outbox = new Outbox(this.effects, new SendCredit())
  #added = 0

  add(length: number, now = 0): Uint8Array {
    const id = idOf(this.#added++)
    this.outbox.add(now, id, new Uint8Array(length))
    return id
  }

  /** One packet. */
  fill(bytes = 1_000): MessageRun[] {
    const runs: MessageRun[] = []
    this.outbox.fill(out, 0, bytes, runs)
    return runs
  }

  said(): string[] {
    const said: string[] = []
    for (let effect = this.effects.shift(); effect; effect = this.effects.shift()) {
      said.push(effect.kind === 'failed' ? effect.code : effect.kind)
    }
    return said
  }
}

describe('Outbox caps', () => {
  it('takes messages up to the cap, says FULL, then writable at half', () => {
    const { outbox, ...rest } = new Fixture()
    const effects = rest.effects
    const empty = new Uint8Array(0)
    for (let i = 0; i < OUTBOX_MAX_MESSAGES; i++) outbox.add(0, idOf(i), empty)
    expect(effects.length).toBe(0)
    outbox.add(0, idOf(0xffff_ffff), empty)
    expect(effects.shift()).toMatchObject({ kind: 'failed', code: 'FULL' })
    expect(outbox.messages).toBe(OUTBOX_MAX_MESSAGES)
    outbox.expire(MESSAGE_TIMEOUT_MS)
    let failed = 0
    for (let effect = effects.shift(); effect?.kind === 'failed'; effect = effects.shift()) failed++
    expect(failed).toBe(OUTBOX_MAX_MESSAGES / 2)
  })

  it('takes bytes up to the cap', () => {
    const fixture = new Fixture()
    const share = OUTBOX_MAX_BYTES / 64
    for (let i = 0; i < 64; i++) fixture.add(share)
    expect(fixture.said()).toEqual([])
    fixture.add(1)
    fixture.add(0)
    expect(fixture.said()).toEqual(['FULL'])
  })

  it('begins no more messages than may be in flight', () => {
    const fixture = new Fixture()
    for (let i = 0; i < MESSAGES_IN_FLIGHT + 1; i++) fixture.add(0)
    while (fixture.outbox.canFill) fixture.fill()
    fixture.outbox.delivered(MESSAGES_IN_FLIGHT)
    expect(fixture.outbox.messages).toBe(1)
    expect(fixture.outbox.canFill).toBe(true)
  })
})

describe('Outbox', () => {
  it('makes one run of what goes into one packet, across messages', () => {
    const fixture = new Fixture()
    fixture.add(0)
    fixture.add(500)
    fixture.add(3_000)
    expect(fixture.fill()).toEqual([{ firstSeq: 0, firstOffset: 0, lastSeq: 2, lastEnd: 436 }])
    expect(fixture.fill()).toEqual([{ firstSeq: 2, firstOffset: 436, lastSeq: 2, lastEnd: 1_428 }])
    expect(fixture.outbox.backlogBytes).toBe(1_572)
  })

  it('sends what was lost first, without what was settled meanwhile', () => {
    const fixture = new Fixture()
    for (let i = 0; i < 5; i++) fixture.add(150)
    const first = fixture.fill()
    expect(first).toEqual([{ firstSeq: 0, firstOffset: 0, lastSeq: 4, lastEnd: 150 }])
    fixture.outbox.delivered(2)
    fixture.outbox.cancel(idOf(3))
    fixture.outbox.requeue(first, [])
    fixture.add(10)
    expect(fixture.fill()).toEqual([
      { firstSeq: 2, firstOffset: 0, lastSeq: 4, lastEnd: 150 },
      { firstSeq: 5, firstOffset: 0, lastSeq: 5, lastEnd: 10 },
    ])
    expect(fixture.outbox.takeSkip()).toEqual({ seq: 3, length: 150 })
    expect(fixture.said()).toEqual(['delivered', 'delivered', 'ABORTED'])
  })

  it('splits a lost run over smaller packets', () => {
    const fixture = new Fixture()
    fixture.add(1_500)
    const [run] = fixture.fill(1_900)
    fixture.outbox.requeue([run as MessageRun], [])
    expect(fixture.fill(800)).toEqual([{ firstSeq: 0, firstOffset: 0, lastSeq: 0, lastEnd: 778 }])
    expect(fixture.fill(800)).toEqual([
      { firstSeq: 0, firstOffset: 778, lastSeq: 0, lastEnd: 1_500 },
    ])
    expect(fixture.outbox.canFill).toBe(false)
  })

  it('gives a message that fails before its first byte no sequence number', () => {
    const fixture = new Fixture()
    fixture.add(10)
    fixture.outbox.cancel(idOf(0))
    fixture.add(10)
    expect(fixture.fill()).toEqual([{ firstSeq: 0, firstOffset: 0, lastSeq: 0, lastEnd: 10 }])
    expect(fixture.outbox.hasSkips).toBe(false)
  })

  it('expires each message at its own time', () => {
    const fixture = new Fixture()
    fixture.add(10, 0)
    fixture.fill()
    fixture.add(10, 5)
    expect(fixture.outbox.nextExpiry()).toBe(MESSAGE_TIMEOUT_MS)
    fixture.outbox.expire(MESSAGE_TIMEOUT_MS - 1)
    expect(fixture.said()).toEqual([])
    fixture.outbox.expire(MESSAGE_TIMEOUT_MS)
    expect(fixture.said()).toEqual(['TIMEOUT'])
    expect(fixture.outbox.nextExpiry()).toBe(MESSAGE_TIMEOUT_MS + 5)
    fixture.outbox.expire(MESSAGE_TIMEOUT_MS + 5)
    expect(fixture.outbox.nextExpiry()).toBe(Number.POSITIVE_INFINITY)
    expect([fixture.outbox.messages, fixture.outbox.bytes]).toEqual([0, 0])
  })

  it('refuses a DELIVERED for what was not sent to its end', () => {
    const fixture = new Fixture()
    fixture.add(3_000)
    expect(() => fixture.outbox.delivered(1)).toThrow(ProtocolViolation)
    fixture.fill()
    expect(() => fixture.outbox.delivered(1)).toThrow(ProtocolViolation)
    fixture.fill()
    fixture.fill()
    fixture.fill(1_500)
    fixture.outbox.delivered(1)
    expect(fixture.said()).toEqual(['delivered'])
    expect(() => fixture.outbox.delivered(2)).toThrow(ProtocolViolation)
  })
})
