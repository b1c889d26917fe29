// The transport conformance suite as vitest tests.

import { describe, it } from 'vitest'
import { linkTransportCases } from '../link-conformance.suite.ts'
import type { TransportPair } from './transport-pair.ts'

/** `makePair` gives a fresh pair of connected ends for each test. */
export function runLinkTransportConformance(
  name: string,
  makePair: () => Promise<TransportPair>,
): void {
  describe(`${name} as a link transport`, () => {
    it.each(linkTransportCases)('$name', async testCase => {
      const pair = await makePair()
      try {
        await testCase.run(pair)
      } finally {
        await pair.dispose()
      }
    })
  })
}
