// Connections of one process over real packets keep the rules of every transport, and leave nothing behind. They
// have a process of their own: testing/node-cases.ts says why.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { linkTransportCases } from '../../shared/link/link-conformance.suite.ts'

const TIMEOUT_MS = 30_000
const PROGRAM = fileURLToPath(new URL('./testing/node-program.ts', import.meta.url))

/** Hosts make no links over loopback addresses. */
const hasNetwork = Object.values(networkInterfaces()).some(all => all?.some(one => !one.internal))

interface Verdict {
  readonly name: string
  /** What was wrong. */
  readonly fault?: string
}

let exitCode: number | null
let verdicts: readonly Verdict[]
beforeAll(async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
  })
  const ended = once(child, 'exit')
  const said = await text(child.stdout)
  exitCode = (await ended)[0]
  verdicts = said
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}, TIMEOUT_MS + 5_000)

function expectPassed(name: string): void {
  expect(verdicts.filter(verdict => verdict.name === name)).toEqual([{ name }])
}

describe('WebRTC between Node and Node', () => {
  it.each(linkTransportCases.map(({ name }) => name))('%s', expectPassed)

  it('takes ICE servers with logins of any characters, and none that is no such server', ({
    task,
  }) => expectPassed(task.name))

  it.skipIf(!hasNetwork)(
    'is a link of hosts under its id, with what a login is bound to',
    ({ task }) => expectPassed(task.name),
  )

  it('ends in all the ways there are, open and not yet open', ({ task }) => {
    expectPassed(task.name)
    if (hasNetwork) expect(exitCode).toBe(0)
  })
})
