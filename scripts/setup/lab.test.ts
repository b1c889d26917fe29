import { describe, expect, it } from 'vitest'
import { labStep } from './lab.mjs'

const ALL = ['ip', 'nft']

function world({ isLinuxRoot = true, has = [] as string[], hasApt = true, works = true } = {}) {
  let there = has
  const said: string[] = []
  const installed: string[] = []
  const step = labStep({
    isLinuxRoot,
    has: program => there.includes(program),
    aptGet: async () => (hasApt ? ['apt-get'] : undefined),
    install: async (_, packages) => {
      installed.push(...packages)
      if (works) there = ALL
    },
    say: text => void said.push(text),
  })
  return { step, said, installed }
}

describe('the step for the tests with networks of their own', () => {
  it.each([
    [{ isLinuxRoot: false }, false],
    [{ has: ALL }, false],
    [{ has: ['ip'] }, true],
    [{ has: ['nft'] }, true],
    [{}, true],
  ])('with %j is needed: %s', (state, expected) => {
    expect(world(state).step.isNeeded()).toBe(expected)
  })

  it.each([
    [[], ['iproute2', 'nftables']],
    [['ip'], ['nftables']],
    [['nft'], ['iproute2']],
  ])('with %j installs %j', async (has, packages) => {
    const { step, said, installed } = world({ has })
    await step.work()
    expect(installed).toEqual(packages)
    expect(said).toHaveLength(1)
    expect(step.isNeeded()).toBe(false)
  })

  it.each([{ hasApt: false }, { works: false }])('with %j goes on and says so', async state => {
    const { step, said } = world(state)
    await step.work()
    expect(said.slice(-2)).toEqual([
      expect.stringContaining('going on without the LAN tests: they need iproute2'),
      expect.stringContaining('going on without the NAT tests: they need nftables'),
    ])
  })

  it('says only what cannot be done', async () => {
    const { step, said } = world({ has: ['ip'], hasApt: false })
    await step.work()
    expect(said).toEqual([expect.stringContaining('the NAT tests')])
  })
})
