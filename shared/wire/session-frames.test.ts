import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { ACK_MAX_RANGES, CLOSE_REASON_MAX_BYTES } from './limits.ts'
import {
  ackMaxBytes,
  messageBytesThatFit,
  SMALL_FRAME_MAX_BYTES,
  signalBytesThatFit,
  writeAck,
  writeAttach,
  writeClose,
  writeCredit,
  writeDelivered,
  writeMessage,
  writePing,
  writeRekey,
  writeSignal,
  writeSkip,
} from './session-frame-writers.ts'
import type { SessionFrameHandler } from './session-frames.ts'
import { readFrames } from './session-frames.ts'

/** What a handler is told, in the words of the vectors. */
type Said =
  | { frame: 'ping' }
  | { frame: 'ack'; ranges: readonly number[]; delayUs: number }
  | { frame: 'close'; code: number; reason: string }
  | { frame: 'rekey'; step: 1 | 2; message: string }
  | { frame: 'delivered'; seq: number }
  | { frame: 'credit'; totalBytes: number }
  | { frame: 'attach'; nonce: string }
  | { frame: 'signal'; offset: number; bytes: string }
  | {
      frame: 'message'
      seq: number
      id?: string
      totalBytes: number
      offset: number
      bytes: string
    }
  | { frame: 'skip'; seq: number; totalBytes: number }

type Vector = Said & { hex: string }

const { frames: vectors } = JSON.parse(
  readFileSync(new URL('./vectors/session-frames.json', import.meta.url), 'utf8'),
) as { frames: Vector[] }

function read(bytes: Uint8Array): Said[] {
  const said: Said[] = []
  const handler: SessionFrameHandler = {
    onPing: () => said.push({ frame: 'ping' }),
    onAck: (ranges, delayUs) => said.push({ frame: 'ack', ranges, delayUs }),
    onClose: (code, reason) => said.push({ frame: 'close', code, reason }),
    onRekey: (step, message) => said.push({ frame: 'rekey', step, message: toHex(message) }),
    onDelivered: seq => said.push({ frame: 'delivered', seq }),
    onCredit: totalBytes => said.push({ frame: 'credit', totalBytes }),
    onAttach: nonce => said.push({ frame: 'attach', nonce: toHex(nonce) }),
    onSignal: (offset, bytes) => said.push({ frame: 'signal', offset, bytes: toHex(bytes) }),
    onMessage: (seq, totalBytes, offset, id, data) =>
      said.push({
        frame: 'message',
        seq,
        ...(id && { id: toHex(id) }),
        totalBytes,
        offset,
        bytes: toHex(data),
      }),
    onSkip: (seq, totalBytes) => said.push({ frame: 'skip', seq, totalBytes }),
  }
  readFrames(bytes, handler)
  return said
}

function write(out: Uint8Array, at: number, said: Said): number {
  switch (said.frame) {
    case 'ping':
      return writePing(out, at)
    case 'ack':
      return writeAck(out, at, said.ranges, said.delayUs)
    case 'close':
      return writeClose(out, at, said.code, said.reason)
    case 'rekey':
      return writeRekey(out, at, said.step, fromHex(said.message))
    case 'delivered':
      return writeDelivered(out, at, said.seq)
    case 'credit':
      return writeCredit(out, at, said.totalBytes)
    case 'attach':
      return writeAttach(out, at, fromHex(said.nonce))
    case 'signal':
      return writeSignal(out, at, said.offset, fromHex(said.bytes))
    case 'message': {
      const data = new Uint8Array(said.totalBytes)
      const piece = fromHex(said.bytes)
      data.set(piece, said.offset)
      const id = fromHex(said.id ?? '00'.repeat(16))
      return writeMessage(out, at, said.seq, id, data, said.offset, piece.length)
    }
    case 'skip':
      return writeSkip(out, at, said.seq, said.totalBytes)
  }
}

function written(said: Said): Uint8Array {
  const out = new Uint8Array(4_096)
  return out.subarray(0, write(out, 0, said))
}

describe('session frames', () => {
  it.each(vectors)('$frame $hex', ({ hex, ...said }) => {
    expect(read(fromHex(hex))).toEqual([said])
    expect(toHex(written(said as Said))).toBe(hex)
    for (let length = 1; length < hex.length / 2; length++) {
      expect(() => read(fromHex(hex).subarray(0, length))).toThrow(DecodeError)
    }
  })

  it('follow one another, with padding between', () => {
    const all = vectors.map(({ hex }) => `00${hex}0000`).join('')
    expect(read(fromHex(all))).toEqual(vectors.map(({ hex: _, ...said }) => said))
    expect(read(new Uint8Array(0))).toEqual([])
  })

  it('that break a rule are refused', () => {
    const broken = [
      '09', // unknown type
      '1f',
      '20',
      '4001', // type in a longer form
      `0200002000${'0000'.repeat(32)}`, // 32 more ranges
      '0205000006', // first range below zero
      '02050001050000', // second range below zero
      `030040c9${'00'.repeat(201)}`, // reason too long
      '030001ff', // reason is no UTF-8
      '040000', // rekey step
      '040300',
      '0540', // varint cut
      '080000', // empty piece of signals
      '08000161620100', // bytes behind it are a frame of an unknown type
      '0840050161', // offset in a longer form
      `1000${'00'.repeat(16)}801000020161`, // message over the limit
      `1000${'00'.repeat(16)}0100`, // empty piece of a message
      `1000${'00'.repeat(16)}01026161`, // piece longer than its message
      '110003000161', // MORE at offset 0
      '1100030100', // empty MORE
      '110003030161', // past the end
      '120080100002', // skip over the limit
    ]
    for (const hex of broken) expect(() => read(fromHex(hex)), hex).toThrow(DecodeError)
  })

  it('cut a close reason by whole characters', () => {
    const [said] = read(written({ frame: 'close', code: 0, reason: '🙂'.repeat(60) }))
    expect(said).toEqual({
      frame: 'close',
      code: 0,
      reason: '🙂'.repeat(CLOSE_REASON_MAX_BYTES / 4),
    })
  })

  it('fit where they say', () => {
    const most = 2 ** 53 - 1
    const ranges = Array.from({ length: ACK_MAX_RANGES }, (_, i) => {
      const high = most - i * 2 ** 47
      return [high - 2 ** 45, high]
    }).flat()
    const ack = written({ frame: 'ack', ranges, delayUs: most })
    expect(ack.length).toBeLessThanOrEqual(ackMaxBytes(ranges))
    expect(read(ack)).toEqual([{ frame: 'ack', ranges, delayUs: most }])
    const skip = written({ frame: 'skip', seq: most, totalBytes: 1_048_576 })
    expect(skip.length).toBeLessThanOrEqual(SMALL_FRAME_MAX_BYTES)
  })

  it('fill a room exactly, or leave at most what the length prefix shrank by', () => {
    const data = new Uint8Array(20_000)
    const out = new Uint8Array(20_100)
    const id = new Uint8Array(16)
    for (const offset of [0, 70, 17_000]) {
      for (let room = 0; room < 200; room++) {
        const length = messageBytesThatFit(room, 7, data.length, offset, data.length - offset)
        if (length < 0) continue
        const end = writeMessage(out, 0, 7, id, data, offset, length)
        expect(end).toBeLessThanOrEqual(room)
        expect(room - end).toBeLessThanOrEqual(3)
      }
    }
    expect(messageBytesThatFit(20_100, 7, data.length, 0, data.length)).toBe(data.length)
  })

  it('of signals fill a room exactly, or leave at most what the length prefix shrank by', () => {
    const out = new Uint8Array(20_100)
    const bytes = new Uint8Array(20_000)
    for (const offset of [0, 63, 64, 16_384, 2 ** 30, 2 ** 53 - 20_001]) {
      for (let room = 0; room < 200; room++) {
        const length = signalBytesThatFit(room, offset, bytes.length)
        if (length < 1) {
          expect(room).toBeLessThan(1 + 8 + 4 + 1)
          continue
        }
        const end = writeSignal(out, 0, offset, bytes.subarray(0, length))
        expect(end).toBeLessThanOrEqual(room)
        expect(room - end).toBeLessThanOrEqual(3)
        expect(read(out.subarray(0, end))).toHaveLength(1)
      }
      expect(signalBytesThatFit(20_100, offset, bytes.length)).toBe(bytes.length)
    }
  })

  it('throw DecodeError only, and read again what was read, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), bytes => {
        let said: Said[] = []
        try {
          said = read(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
          return
        }
        for (const frame of said) expect(read(fuzzWritten(frame))).toEqual([frame])
      }),
      { seed: 9, numRuns: 5_000 },
    )
  })
})

function fuzzWritten(said: Said): Uint8Array {
  const out = new Uint8Array(1_100_000)
  return out.slice(0, write(out, 0, said))
}
