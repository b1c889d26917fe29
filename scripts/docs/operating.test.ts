// What the documents for users and operators quote from the code: every option of the server, and limits.

import { describe, expect, it } from 'vitest'
import * as limits from '../../shared/wire/limits.ts'
import { project } from './project.ts'
import { nameIn, tablesOf } from './table.ts'

const OPERATING = project.read('docs/OPERATING.md')
const README = project.read('README.md').replace(/\s+/g, ' ')

const MIB = 1024 * 1024
const count = (value: number) => value.toLocaleString('en-US')
const mib = (bytes: number) => `${Math.floor(bytes / MIB)} MiB`

describe('docs/OPERATING.md', () => {
  it('lists the options that the server takes', () => {
    const parsed = project.read('server/main.ts').matchAll(/^ +'?([\w-]+)'?: \{ type: '/gm)
    const taken = [...parsed].map(([, name]) => `--${name}`)
    expect(taken).toContain('--port')
    const table = tablesOf(OPERATING).find(({ header }) => header[0] === 'option')
    const listed = table?.rows.map(([option]) => nameIn(option))
    expect(listed?.sort()).toEqual(taken.sort())
  })

  it('quotes limits as they are', () => {
    const table = tablesOf(OPERATING).find(({ header }) => header[0] === 'limit')
    expect(table?.rows.map(([, value]) => value)).toEqual([
      count(limits.MAX_LINKS),
      count(limits.MAX_UNAUTHENTICATED_LINKS),
      count(limits.MAX_LINKS_PER_ADDRESS),
      count(limits.MAX_LINKS_PER_V6_48),
      `${limits.CONNECTS_PER_ADDRESS_PER_S} a second, ${limits.CONNECTS_PER_ADDRESS_BURST} at once`,
      'each counts as four connects',
      `${mib(limits.RELAY_BYTES_PER_S)} a second, ${mib(limits.RELAY_BURST_BYTES)} at once`,
      `${limits.SETUPS_PER_S} a second, ${limits.SETUPS_BURST} at once`,
      count(limits.MAX_CIRCUITS_PER_LINK),
      `${limits.RPC_PER_S} a second, ${limits.RPC_BURST} at once`,
      count(limits.MAX_RECORDS),
      `${limits.STUN_PER_NETWORK_PER_S} a second, ${limits.STUN_PER_NETWORK_BURST} at once`,
      `${count(limits.STUN_PER_S)} a second, ${count(limits.STUN_BURST)} at once`,
      count(limits.WS_MAX_MESSAGE_BYTES),
      mib(limits.MEMORY_EVICT_BYTES),
    ])
    expect(limits.FAILED_LOGIN_CONNECTS + 1).toBe(4)
  })
})

describe('README.md', () => {
  it.each([
    `after its time (${limits.MESSAGE_TIMEOUT_MS / 1000} seconds at most)`,
    `At most ${mib(limits.MESSAGE_WINDOW_BYTES)} of a peer's messages wait`,
    `A message has at most ${mib(limits.MESSAGE_MAX_BYTES)}`,
    `A server takes ${count(limits.MAX_LINKS)} links, keeps ${count(limits.MAX_RECORDS)} records`,
    `relays ${mib(limits.RELAY_BYTES_PER_S)} a second for each key`,
    `with bursts of ${mib(limits.RELAY_BURST_BYTES)}`,
  ])('says: %s', sentence => {
    expect(README.replaceAll('**', '')).toContain(sentence)
  })

  it('says how long sessions wait and how often keys are fresh', () => {
    expect([limits.SESSION_PATHLESS_MS, limits.REKEY_AFTER_MS]).toEqual([2 * 60_000, 10 * 60_000])
    expect(README).toContain('waits for up to two minutes')
    expect(README).toContain('fresh keys every ten minutes')
  })
})
