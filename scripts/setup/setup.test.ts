// The set-up as a whole, as npm runs it: what it says, where, and with which exit code.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { nodeVersionProblem, OLDEST_NODE } from './node-version.mjs'

const SETUP = fileURLToPath(new URL('../setup.mjs', import.meta.url))

function run(args: string[], nodeFlags: string[] = []) {
  return spawnSync(process.execPath, [...nodeFlags, SETUP, ...args], { encoding: 'utf8' })
}

describe('setup.mjs', () => {
  it('is silent when nothing is missing', () => {
    expect(run(['packages'])).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('refuses an old Node with one sentence', () => {
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.18.3'})`
    const { status, stdout, stderr } = run(['packages'], ['--import', pretend])
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe(`${nodeVersionProblem('20.18.3')}\n`)
  })

  it('refuses a step that does not exist', () => {
    const { status, stderr } = run(['nonsense'])
    expect(status).toBe(1)
    expect(stderr).toContain('there is no step "nonsense", only packages, web, browsers, lab.')
  })
})

describe('nodeVersionProblem', () => {
  it.each(['0.12.18', '18.20.8', '20.9.0', '20.18.3'])('%s is too old', version => {
    expect(nodeVersionProblem(version)).toContain(`Node ${OLDEST_NODE} or newer`)
  })

  it.each([OLDEST_NODE, '20.19.1', '20.20.0', '21.0.0', '100.0.0'])('%s will do', version => {
    expect(nodeVersionProblem(version)).toBeUndefined()
  })
})
