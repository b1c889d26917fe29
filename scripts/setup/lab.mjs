// Step `lab`: the program `ip`, with which the LAN tests make machines of their own (network namespaces). Only where
// these could run at all, which is as root on Linux; elsewhere, and when it cannot be had, they are skipped.

import { existsSync } from 'node:fs'
import { findAptGet, installWithApt } from './apt.mjs'

const PLACES = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip']
const DEBIAN_PACKAGE = 'iproute2'

/**
 * What the step asks of its surroundings.
 * @typedef {object} Surroundings
 * @property {boolean} isLinuxRoot
 * @property {() => boolean} hasIp
 * @property {() => Promise<string[] | undefined>} aptGet how to call apt-get with the rights to install
 * @property {(aptGet: string[], packages: string[]) => Promise<void>} install may fail silently
 * @property {(text: string) => void} say
 */

/** @returns {import('./prepare.mjs').Step} */
export function labStep(surroundings = realSurroundings()) {
  const { isLinuxRoot, hasIp, aptGet, install, say } = surroundings
  return {
    isNeeded: () => isLinuxRoot && !hasIp(),
    async work() {
      const command = await aptGet()
      if (command) {
        say(`keymesh set-up: installing ${DEBIAN_PACKAGE} with apt-get …`)
        await install(command, [DEBIAN_PACKAGE])
      }
      if (!hasIp())
        say(`keymesh set-up: going on without the LAN tests: they need ${DEBIAN_PACKAGE}.`)
    },
  }
}

/** @returns {Surroundings} */
function realSurroundings() {
  return {
    isLinuxRoot: process.platform === 'linux' && process.getuid?.() === 0,
    hasIp: () => PLACES.some(place => existsSync(place)),
    aptGet: findAptGet,
    install: installWithApt,
    say: text => console.error(text),
  }
}
