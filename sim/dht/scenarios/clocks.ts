// Wrong clocks (scenario R7). Ten minutes change nothing. A server that is a day wrong cannot keep what others
// publish and is told that its own records are refused; the others do not notice, and its timers stay calm.

import type { DhtServer } from '../dht-server.ts'
import type { LookupReport } from '../lookups.ts'
import { eachRecordFromAnywhere, lookUpAll } from '../lookups.ts'
import type { RegistryNetOptions } from '../registry-net.ts'
import { RegistryNet } from '../registry-net.ts'
import { warmStart } from '../warm-start.ts'

export interface ClocksOptions extends RegistryNetOptions {
  readonly servers: number
  readonly records: number
  /** Clocks of a third of the servers are wrong by up to this, either way. */
  readonly skewMs: number
  /** Exactly `skewMs`, ahead or behind, instead of up to it. */
  readonly isExact?: boolean
  /** Right at first; wrong from the moment at which all is published. */
  readonly isJump?: boolean
}

export interface ClocksReport {
  /** Asked by servers whose clock is right; and by the others. */
  readonly right: LookupReport
  readonly wrong: LookupReport
  /** Share of the records signed by a wrong clock that a server with a right one takes. */
  readonly accepted: number
  /** What those are told who are refused. */
  readonly refusals: readonly string[]
  /** Times a machine was woken in ten minutes: the most of a server with a wrong clock, and with a right one. */
  readonly wakesWrong: number
  readonly wakesRight: number
  readonly trace: string
}

const OBSERVED_MS = 600_000
const PUBLISH_EVERY_MS = 10
const TRIALS = 20

export function runClocks(seed: string | number, options: ClocksOptions): ClocksReport {
  const { servers, records, skewMs, isExact = false, isJump = false } = options
  const net = new RegistryNet(seed, options)
  const rng = net.rng.fork('clocks')
  const all = net.addServers(servers)
  const wrong = all.slice(0, Math.floor(servers / 3))
  const right = all.slice(wrong.length)
  const skew = (): void => {
    for (const server of wrong) {
      server.skewMs = isExact
        ? rng.chance(0.5)
          ? skewMs
          : -skewMs
        : Math.round(rng.between(-skewMs, skewMs))
    }
  }
  if (!isJump) skew()
  warmStart(net.world)
  net.publishMany(records, records * PUBLISH_EVERY_MS, right)
  if (isJump) skew()
  const wakesBefore = all.map(server => server.wakes)
  net.world.runFor(OBSERVED_MS)
  const mostWakes = (group: readonly DhtServer[]) =>
    Math.max(...group.map(server => server.wakes - (wakesBefore[server.number - 1] ?? 0)))
  const [wakesWrong, wakesRight] = [mostWakes(wrong), mostWakes(right)]
  const trials = wrong.slice(0, TRIALS).map(server => offerAsOwn(net, server, rng.pick(right)))
  return {
    right: lookUpAll(net, eachRecordFromAnywhere(net, 'right', right)).report(),
    wrong: lookUpAll(net, eachRecordFromAnywhere(net, 'wrong', wrong)).report(),
    accepted: trials.filter(refusal => refusal === undefined).length / trials.length,
    refusals: [...new Set(trials.flatMap(refusal => refusal ?? []))].sort(),
    wakesWrong,
    wakesRight,
    trace: net.world.trace.digest(),
  }
}

export function clockFigures(report: ClocksReport) {
  return {
    'found %, right clock': report.right.found * 100,
    'found %, wrong clock': report.wrong.found * 100,
    'own records taken %': report.accepted * 100,
    'wakes, right clock': report.wakesRight,
    'wakes, wrong clock': report.wakesWrong,
  }
}

/** Figures of which less is worse. */
export const HIGH_IS_BEST = ['found %, right clock', 'found %, wrong clock', 'own records taken %']

/** A client with the clock of `owner` publishes at `home`. @returns the refusal, if it was refused */
function offerAsOwn(net: RegistryNet, owner: DhtServer, home: DhtServer): string | undefined {
  const verdict = net.offerStranger(home, net.world.unixMs + owner.skewMs)
  return typeof verdict === 'object' ? `${verdict.error}: ${verdict.hint}` : undefined
}
