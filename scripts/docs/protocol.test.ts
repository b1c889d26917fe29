// docs/PROTOCOL.md says what the code does, where both are tables: limits, frames, phases, codes, reasons.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../shared/bytes/hex.ts'
import { CONTEXT } from '../../shared/identity/signed.ts'
import {
  BACKWARD_LARGE_DATA,
  BACKWARD_SMALL_DATA,
  BETA,
  BLOCK,
  DELTA,
  FORWARD_LARGE_DATA,
  FORWARD_SMALL_DATA,
  SETUP_STREAM,
} from '../../shared/routing/onion-layout.ts'
import type { CellType } from '../../shared/wire/circuit-cells.ts'
import { cellSize, DESTROY_REASON, PAYLOAD_COMMAND } from '../../shared/wire/circuit-cells.ts'
import { CLOSE_CODE } from '../../shared/wire/close-code.ts'
import {
  DIRECT_REFUSAL,
  DIRECT_SIGNAL,
  decodeDirectSignal,
} from '../../shared/wire/direct-signal.ts'
import type { FrameType, LinkPhase } from '../../shared/wire/frame-type.ts'
import { FRAME, isCell, isLegalIn } from '../../shared/wire/frame-type.ts'
import * as limits from '../../shared/wire/limits.ts'
import type { RpcErrorCode } from '../../shared/wire/rpc-messages.ts'
import { decodeResponse, encodeResponse } from '../../shared/wire/rpc-messages.ts'
import { SESSION_CLOSE, SESSION_REFUSAL } from '../../shared/wire/session-close.ts'
import { SESSION_FRAME } from '../../shared/wire/session-frames.ts'
import {
  HANDSHAKE_MESSAGE_1_BYTES,
  HANDSHAKE_MESSAGE_2_BYTES,
} from '../../shared/wire/session-setup.ts'
import { renderLimits, withLimits } from './limits-table.ts'
import { nameIn, tableIn } from './table.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const PROTOCOL = read('docs/PROTOCOL.md')

/** Numbers by name, as a table of a section states them in its first two columns. */
function codesIn(section: string, ...header: string[]): Record<string, number> {
  const { rows } = tableIn(PROTOCOL, section, ...header)
  return Object.fromEntries(rows.map(([code, name]) => [nameIn(name), Number(code)]))
}

describe('the protocol document', () => {
  it('lists every limit with its value', () => {
    const rendered = renderLimits(read('shared/wire/limits.ts'), { ...limits })
    expect(
      PROTOCOL === withLimits(PROTOCOL, rendered),
      'run: node --import tsx scripts/docs/write.ts',
    ).toBe(true)
  })

  it.each([
    ['frame types', '3.4', ['type', 'name'], FRAME],
    ['close codes of links', '3.4', ['code', 'name'], CLOSE_CODE],
    ['payload commands', '6.4', ['command', 'name'], PAYLOAD_COMMAND],
    ['destroy reasons', '6.7', ['reason', 'name'], DESTROY_REASON],
    ['session refusals', '7.1', ['code', 'name'], SESSION_REFUSAL],
    ['session frames', '7.3', ['type', 'name'], SESSION_FRAME],
    ['session close codes', '7.5', ['code', 'name'], SESSION_CLOSE],
    ['signals', '9.1', ['kind', 'name'], DIRECT_SIGNAL],
    ['refusals of signals', '9.1', ['reason', 'name'], DIRECT_REFUSAL],
  ])('lists the %s', (_, section, header, code) => {
    expect(codesIn(section, ...header)).toEqual(code)
  })

  it.each([
    ['signal frames', '7.8', ['bytes', 'frame'], 'session-frames.json'],
    ['signals', '9.1', ['bytes', 'signal'], 'direct-signal.json'],
  ])('shows %s that are vectors', (_, section, header, file) => {
    const vectors = read(`shared/wire/vectors/${file}`)
    const shown = tableIn(PROTOCOL, section, ...header).rows.map(([bytes]) => nameIn(bytes))
    expect(shown.filter(hex => !vectors.includes(`"${hex}"`))).toEqual([])
    expect(shown.length).toBeGreaterThan(1)
  })

  it('shows a signal of each kind', () => {
    const { rows } = tableIn(PROTOCOL, '9.1', 'bytes', 'signal')
    for (const [bytes = '', what] of rows) {
      expect(decodeDirectSignal(fromHex(nameIn(bytes))).kind).toBe(nameIn(what))
    }
    expect(new Set(rows.map(([, what]) => nameIn(what)))).toEqual(
      new Set(Object.keys(DIRECT_SIGNAL)),
    )
  })

  it('gives the size of each cell', () => {
    for (const [type, , body = ''] of tableIn(PROTOCOL, '3.4', 'type', 'name').rows) {
      if (!isCell(Number(type))) continue
      const bytes = Number(/cell, ([\d,]+) bytes/.exec(body)?.[1]?.replace(',', ''))
      expect(bytes).toBe(cellSize(Number(type) as CellType))
    }
  })

  it('says which frame is legal in which phase', () => {
    for (const [phase = '', , legal = ''] of tableIn(PROTOCOL, '3.4', 'phase').rows) {
      const stated =
        nameIn(phase) === 'open'
          ? Object.values(FRAME).filter(type => type >= 0x05)
          : [...legal.matchAll(/`(\w+)`/g)].map(([, name]) => FRAME[name as keyof typeof FRAME])
      const actual = Object.values(FRAME).filter((type: FrameType) =>
        isLegalIn(nameIn(phase) as LinkPhase, type),
      )
      expect(new Set(stated)).toEqual(new Set(actual))
    }
  })

  it('names the errors of requests', () => {
    const stated = tableIn(PROTOCOL, '3.6', 'error').rows.map(([code]) => nameIn(code))
    expect(stated).toContain('BAD_REQUEST')
    for (const error of stated as RpcErrorCode[]) {
      // An unknown code would read as BAD_REQUEST.
      expect(decodeResponse(encodeResponse({ id: 1, error }))).toEqual({ id: 1, error })
    }
  })

  it('names every context that keys sign under', () => {
    const section = PROTOCOL.slice(PROTOCOL.indexOf('### 1.4'), PROTOCOL.indexOf('## 2.'))
    const stated = [...section.matchAll(/`(keymesh\/\w+\/1)`/g)].map(([, context]) => context)
    expect(stated.sort()).toEqual(Object.values(CONTEXT).sort())
  })

  it('gives the lengths of the onion and handshake formats', () => {
    for (const sentence of [
      `beta ${BETA} (5 blocks of ${BLOCK}) | delta ${DELTA}`,
      `${SETUP_STREAM.toLocaleString('en-US')} bytes`,
      `at most ${FORWARD_SMALL_DATA} bytes forward and ${BACKWARD_SMALL_DATA} backward`,
      `${FORWARD_LARGE_DATA.toLocaleString('en-US')} and ${BACKWARD_LARGE_DATA.toLocaleString('en-US')} in large`,
      `Noise message 1 (${HANDSHAKE_MESSAGE_1_BYTES} bytes)`,
      `Noise message 2 (${HANDSHAKE_MESSAGE_2_BYTES} bytes)`,
      `at path \`${limits.WS_PATH}\` with subprotocol \`${limits.WS_SUBPROTOCOL}\``,
    ]) {
      expect(PROTOCOL).toContain(sentence)
    }
  })

  it('speaks of constants that exist', () => {
    const text = PROTOCOL.slice(0, PROTOCOL.indexOf('## 13.'))
    const named = new Set([...text.matchAll(/\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b/g)].map(String))
    const errors = tableIn(PROTOCOL, '3.6', 'error').rows.map(([code]) => nameIn(code))
    const known = new Set([...Object.keys(limits), ...errors, 'KEYMESH_VECTORS'])
    expect([...named].filter(name => !known.has(name))).toEqual([])
  })
})
