// The in-memory transport keeps the contract, and the suite notices transports that do not.

import { describe, expect, it } from 'vitest'
import { RTC_MAX_MESSAGE_BYTES, WS_MAX_MESSAGE_BYTES } from '../wire/limits.ts'
import { linkTransportCases } from './link-conformance.suite.ts'
import { makeMemoryPair } from './testing/memory-pair.ts'
import { runLinkTransportConformance } from './testing/run-link-conformance.ts'
import type { TransportEnd, TransportPair } from './testing/transport-pair.ts'

runLinkTransportConformance('memory', () => makeMemoryPair(WS_MAX_MESSAGE_BYTES))
runLinkTransportConformance('memory of small messages', () => makeMemoryPair(RTC_MAX_MESSAGE_BYTES))

/** A pair whose initiator breaks one rule. */
async function broken(
  change: (end: TransportEnd) => Partial<TransportEnd>,
): Promise<TransportPair> {
  const pair = await makeMemoryPair()
  const { initiator } = pair
  const end: TransportEnd = {
    send: bytes => initiator.send(bytes),
    close: reason => initiator.close(reason),
    cut: () => initiator.cut(),
    listen: listener => initiator.listen(listener),
    ...change(initiator),
  }
  return { ...pair, initiator: end }
}

describe('the suite fails a transport that', () => {
  const faults: [string, RegExp, (end: TransportEnd) => Partial<TransportEnd>][] = [
    ['drops a message', /once and in order/, end => ({ send: dropEvery(end, 100) })],
    [
      'sends a message twice',
      /once and in order/,
      end => ({
        send: bytes => {
          end.send(bytes)
          return end.send(bytes)
        },
      }),
    ],
    [
      'cuts long messages',
      /bounds and bytes/,
      end => ({ send: bytes => end.send(bytes.subarray(0, 16_000)) }),
    ],
    [
      'changes a byte',
      /bounds and bytes/,
      end => ({ send: bytes => end.send(bytes.map(byte => byte & 0x7f)) }),
    ],
    [
      'never says full',
      /says full/,
      end => ({
        send: bytes => {
          end.send(bytes)
          return 'ok'
        },
      }),
    ],
    [
      'tells another reason',
      /initiator closes \(busy\)/,
      end => ({ close: () => end.close('normal') }),
    ],
    [
      'throws after the end',
      /after the end/,
      end => {
        let isClosed = false
        return {
          close: reason => {
            isClosed = true
            end.close(reason)
          },
          send: bytes => {
            if (isClosed) throw new Error('closed')
            return end.send(bytes)
          },
        }
      },
    ],
  ]
  it.each(faults)('%s', async (_, name, change) => {
    const testCase = linkTransportCases.find(candidate => name.test(candidate.name))
    await expect(testCase?.run(await broken(change))).rejects.toThrow()
  })
})

function dropEvery(end: TransportEnd, period: number): TransportEnd['send'] {
  let count = 0
  return bytes => (++count % period === 0 ? 'ok' : end.send(bytes))
}
