// Runs a command with a network of its own: loopback, and one interface through which no way leads out, as WebRTC needs
// (browsers offer no loopback addresses). Tests that do more than they should reach nobody there. Needs Linux with
// network namespaces, as root or in a user namespace, and `ip`; elsewhere the command runs as it is, and tests that
// need that interface say that they are skipped (e2e/fixtures/own-network.ts).

import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { runTool } from './run-tool.mjs'

/** Of the range for trials between devices (RFC 2544): no network that anybody uses. */
const ADDRESS = '198.18.0.1/24'
const WAY_OUT = '198.18.0.2'
const INTERFACE = 'keymesh0'

const MAKE_NETWORK = `
set -e
ip link set lo up
ip link add ${INTERFACE} type veth peer name keymesh1
ip addr add ${ADDRESS} dev ${INTERFACE}
ip link set ${INTERFACE} up
ip link set keymesh1 up
ip route add default via ${WAY_OUT} dev ${INTERFACE}
exec "$@"`

/** @type {readonly string[] | undefined} what to put before a command; empty where it cannot be had */
let prefix

/** @param {readonly string[]} command @returns {string[]} the same, in a network of its own where that is possible */
export function confined(command) {
  prefix ??= findPrefix()
  return [...prefix, ...command]
}

function findPrefix() {
  if (process.platform !== 'linux') return []
  const isRoot = process.getuid?.() === 0
  const namespace = isRoot ? ['--net'] : ['--net', '--map-current-user', '--keep-caps']
  const wanted = ['unshare', ...namespace, 'sh', '-c', MAKE_NETWORK, 'sh']
  const [program = '', ...args] = wanted
  return spawnSync(program, [...args, 'true'], { stdio: 'ignore' }).status === 0 ? wanted : []
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { ok } = await runTool(confined(process.argv.slice(2)))
  process.exitCode = ok ? 0 : 1
}
