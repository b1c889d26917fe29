// When paths that carry no data are asked, and that a timer which comes late asks nothing twice.

import { describe, expect, it } from 'vitest'
import { PATH_PROBE_INTERVAL_MS, SESSION_IN_USE_MS } from '../wire/limits.ts'
import type { PathId } from './path.ts'
import { Path } from './path.ts'
import { PathProbes } from './path-probes.ts'

function twoPaths(): { probes: PathProbes; paths: Map<PathId, Path> } {
  const paths = new Map<PathId, Path>()
  const probes = new PathProbes(paths, true)
  for (const id of [1, 2] as PathId[]) {
    const path = new Path(id, { smallBytes: 700, largeBytes: 0 })
    paths.set(id, path)
    probes.added(path, 0)
    path.isPingDue = false
  }
  return { probes, paths }
}

describe('PathProbes', () => {
  it('asks the paths that were not heard from for a while', () => {
    const { probes, paths } = twoPaths()
    probes.used(0)
    expect(probes.nextTimeout()).toBe(PATH_PROBE_INTERVAL_MS)
    probes.expire(PATH_PROBE_INTERVAL_MS)
    expect([...paths.values()].map(({ isPingDue }) => isPingDue)).toEqual([true, true])
    expect(probes.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([0, 1, 1_000, SESSION_IN_USE_MS])(
    'has nothing left that is due when its timer came %i ms late',
    lateMs => {
      const { probes } = twoPaths()
      // The last probe is due just before the session counts as idle.
      probes.used(PATH_PROBE_INTERVAL_MS + 1 - SESSION_IN_USE_MS)
      const at = probes.nextTimeout() + lateMs
      probes.expire(at)
      expect(probes.nextTimeout()).toBeGreaterThan(at)
    },
  )

  it('asks nothing of an idle session', () => {
    const { probes, paths } = twoPaths()
    probes.used(PATH_PROBE_INTERVAL_MS - SESSION_IN_USE_MS)
    expect(probes.nextTimeout()).toBe(Number.POSITIVE_INFINITY)
    probes.expire(PATH_PROBE_INTERVAL_MS)
    expect([...paths.values()].some(({ isPingDue }) => isPingDue)).toBe(false)
  })
})
