// Debian's package manager, where this user may use it: some tests need programs that npm does not have.

import { existsSync } from 'node:fs'
import { runCommand } from './run-command.mjs'

const APT_TIMEOUT_MS = 15 * 60_000

/** @returns {Promise<string[] | undefined>} how to call apt-get with the rights to install, where there is one */
export async function findAptGet() {
  if (!existsSync('/usr/bin/apt-get')) return undefined
  const aptGet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  if (process.getuid?.() === 0) return aptGet
  const maySudo = await runCommand('sudo', ['-n', 'true'], { timeoutMs: 5_000, isQuiet: true })
  return maySudo ? ['sudo', '-n', ...aptGet] : undefined
}

/**
 * Asks for the newest package lists first: a browser from lists of months ago lacks what was mended since, and may be older
 * than the tests need. Without a network the lists at hand have to do.
 * May fail silently: look again whether it is there now.
 * @param {string[]} command @param {string[]} packages
 */
export async function installWithApt([program = '', ...prefix], packages) {
  const waits = ['Acquire::http::Timeout=15', 'Acquire::Retries=1', 'DPkg::Lock::Timeout=300']
  const flags = ['-qq', ...waits.flatMap(wait => ['-o', wait])]
  /** @param {string[]} args */
  const aptGet = (...args) =>
    runCommand(program, [...prefix, ...flags, ...args], { timeoutMs: APT_TIMEOUT_MS })
  await aptGet('update')
  await aptGet('install', '--yes', '--no-install-recommends', ...packages)
}
