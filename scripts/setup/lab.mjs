// Step `lab`: the programs `ip` and `nft`, with which tests make machines, networks and routers of their own (network
// namespaces). Only where these could run at all, which is as root on Linux; elsewhere, and when they cannot be had, such
// tests are skipped.

import { existsSync } from 'node:fs'
import { findAptGet, installWithApt } from './apt.mjs'

const FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

/** Debian's packages, by the program that is needed of each, and the tests that need it. */
const PACKAGES = [
  { program: 'ip', name: 'iproute2', tests: 'the LAN tests' },
  { program: 'nft', name: 'nftables', tests: 'the NAT tests' },
]

/**
 * What the step asks of its surroundings.
 * @typedef {object} Surroundings
 * @property {boolean} isLinuxRoot
 * @property {(program: string) => boolean} has
 * @property {() => Promise<string[] | undefined>} aptGet how to call apt-get with the rights to install
 * @property {(aptGet: string[], packages: string[]) => Promise<void>} install may fail silently
 * @property {(text: string) => void} say
 */

/** @returns {import('./prepare.mjs').Step} */
export function labStep(surroundings = realSurroundings()) {
  const { isLinuxRoot, has, aptGet, install, say } = surroundings
  const missing = () => PACKAGES.filter(({ program }) => !has(program))
  return {
    isNeeded: () => isLinuxRoot && missing().length > 0,
    async work() {
      const command = await aptGet()
      if (command) {
        const names = missing().map(({ name }) => name)
        say(`keymesh set-up: installing ${names.join(', ')} with apt-get …`)
        await install(command, names)
      }
      for (const { name, tests } of missing())
        say(`keymesh set-up: going on without ${tests}: they need ${name}.`)
    },
  }
}

/** @returns {Surroundings} */
function realSurroundings() {
  return {
    isLinuxRoot: process.platform === 'linux' && process.getuid?.() === 0,
    has: program => FOLDERS.some(folder => existsSync(`${folder}/${program}`)),
    aptGet: findAptGet,
    install: installWithApt,
    say: text => console.error(text),
  }
}
