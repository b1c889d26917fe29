// In its long form: mesh-links.long.ts.

import { describe, expect, it } from 'vitest'
import { MESH_MAX_LINKS, MESH_OWN_LINKS } from '../../shared/wire/limits.ts'
import { runMeshLinks } from './mesh-links.ts'

const CLIENTS = 18
const TIMEOUT_MS = 60_000

describe('clients that relay', () => {
  it(
    'hang together without any server',
    () => {
      const report = runMeshLinks(1, { clients: CLIENTS, servers: 3, pairs: 10 })
      expect(report).toMatchObject({ hangTogether: CLIENTS, peersTold: 0, shownTwice: 0 })
      expect(report.lostShare).toBe(0)
      expect(report.fewestLinks).toBeGreaterThanOrEqual(MESH_OWN_LINKS)
      expect(report.mostLinks).toBeLessThanOrEqual(MESH_MAX_LINKS)
      expect(report.nearMs).toBeLessThan(report.anyMs / 1.5)
    },
    TIMEOUT_MS,
  )
})
