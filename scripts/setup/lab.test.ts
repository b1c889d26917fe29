import { describe, expect, it } from 'vitest'
import { labStep } from './lab.mjs'

function world({ isLinuxRoot = true, hasIp = false, hasApt = true, works = true } = {}) {
  let isThere = hasIp
  const said: string[] = []
  const installed: string[] = []
  const step = labStep({
    isLinuxRoot,
    hasIp: () => isThere,
    aptGet: async () => (hasApt ? ['apt-get'] : undefined),
    install: async (_, packages) => {
      installed.push(...packages)
      isThere = works
    },
    say: text => void said.push(text),
  })
  return { step, said, installed }
}

describe('the step for the LAN tests', () => {
  it.each([
    [{ isLinuxRoot: false }, false],
    [{ hasIp: true }, false],
    [{}, true],
  ])('with %j is needed: %s', (state, expected) => {
    expect(world(state).step.isNeeded()).toBe(expected)
  })

  it('installs what has ip', async () => {
    const { step, said, installed } = world()
    await step.work()
    expect(installed).toEqual(['iproute2'])
    expect(said).toHaveLength(1)
    expect(step.isNeeded()).toBe(false)
  })

  it.each([{ hasApt: false }, { works: false }])('with %j goes on and says so', async state => {
    const { step, said } = world(state)
    await step.work()
    expect(said.at(-1)).toContain('going on without the LAN tests')
  })
})
