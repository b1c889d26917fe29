// Ten networks of clients that relay, of 60 each: one piece, near links; and when all servers are dead nearly all find
// each other. Not all do: a question for a route goes to 60 others at most, whoever they are (docs/PROTOCOL.md 5.2).

import { describe, expect, it } from 'vitest'
import { MESH_MAX_LINKS, MESH_OWN_LINKS } from '../../shared/wire/limits.ts'
import { formatTable, print } from '../print/table.ts'
import { runMeshLinks } from './mesh-links.ts'

const CLIENTS = 60
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1)

describe('many clients that relay', () => {
  const rows: Record<string, string | number>[] = []

  it.each(SEEDS)('hang together without any server (seed %i)', seed => {
    const report = runMeshLinks(seed, { clients: CLIENTS, servers: 6, pairs: 60 })
    rows.push({ seed, ...report })
    expect(report).toMatchObject({ hangTogether: CLIENTS, peersTold: 0, shownTwice: 0 })
    expect(report.lostShare).toBeLessThanOrEqual(0.08)
    expect(report.fewestLinks).toBeGreaterThanOrEqual(MESH_OWN_LINKS)
    expect(report.mostLinks).toBeLessThanOrEqual(MESH_MAX_LINKS)
    expect(report.nearMs).toBeLessThan(report.anyMs / 1.5)
  })

  it('as a table', () => {
    print(formatTable(`${CLIENTS} clients that relay, 6 servers`, rows))
  })
})
