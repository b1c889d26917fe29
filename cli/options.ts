// Options that several commands share, and what they mean to createNode. Values are checked here, before
// anything is opened.

import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { NodeOptions, PathMode } from '../client/node.ts'
import { MeshError } from '../client/node.ts'
import { parseKey } from '../shared/identity/key-text.ts'
import { addModeOption } from './mode-option.ts'

export const DEFAULT_SERVER = 'http://localhost:8080'
const DEFAULT_TIMEOUT_MS = 10_000
const MAX_TIMEOUT_MS = 600_000

export interface NodeFlags {
  readonly server?: string[]
  readonly data?: string
  readonly network?: string
  readonly insecure?: true
  readonly discovery: boolean
  readonly lan: boolean
  readonly webrtc?: WebRtcUse
  /** Of the commands that reach peers. */
  readonly mode?: PathMode
  /** Of the commands that run for long. */
  readonly relayPerDay?: number
  readonly timeout: number
  readonly json?: true
}

/** `local`: tells peers also the addresses on the local network. */
export type WebRtcUse = (typeof WEBRTC_USES)[number]
const WEBRTC_USES = ['off', 'on', 'local'] as const

/** `kept`: the identity of the data folder. `ephemeral`: a new one, unless a folder is named. */
export type IdentityUse = 'kept' | 'ephemeral'

export function addNodeOptions(command: Command, identity: IdentityUse): Command {
  const data =
    identity === 'kept'
      ? 'folder of the identity (default: ~/.keymesh)'
      : 'folder of the identity (default: a new identity, forgotten at the end)'
  return addJsonOption(
    command
      .option('-s, --server <url>', 'server to attach to; may be repeated', collect)
      .option('-d, --data <folder>', data)
      .option('--network <id>', 'network id, 32 hex digits (default: the open network)')
      .option('--insecure', 'allow ws:// and http:// to other machines')
      .option('--no-discovery', 'attach to no other servers than these')
      .option('--no-lan', 'do not tell the local network of this key (nor with KEYMESH_LAN=off)')
      .addOption(webRtcOption())
      .addOption(timeoutOption()),
  )
}

/** For commands that reach a peer: as `addNodeOptions`, and by which paths. */
export function addPeerOptions(command: Command, identity: IdentityUse): Command {
  return addModeOption(addNodeOptions(command, identity))
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print JSON, one object a line')
}

export function nodeOptions(
  flags: NodeFlags,
  env: NodeJS.ProcessEnv,
  identity: IdentityUse,
  signal: AbortSignal,
): NodeOptions {
  const { data, network, insecure, discovery, mode, relayPerDay } = flags
  const servers = listedServers(flags, env)
  return {
    servers: servers.length > 0 ? servers : [DEFAULT_SERVER],
    signal,
    ...(data !== undefined && { data }),
    ...(data === undefined && identity === 'ephemeral' && { identity }),
    ...(network !== undefined && { network }),
    ...(insecure && { insecure }),
    ...(mode !== undefined && { mode }),
    ...(relayPerDay !== undefined && { relay: { bytesPerDay: relayPerDay } }),
    ...(!discovery && { discoverServers: false }),
    ...webRtcOptions(flags, env),
    lan: usesLan(flags, env),
  }
}

/** Those that were named, by options or else by the environment. */
export function listedServers({ server }: NodeFlags, env: NodeJS.ProcessEnv): string[] {
  if (server !== undefined) return server
  const listed = (env.KEYMESH_SERVERS ?? '').split(',').map(text => text.trim())
  return listed.filter(text => text !== '')
}

/** Whether nodes on the local network are looked for. */
export function usesLan({ lan }: NodeFlags, env: NodeJS.ProcessEnv): boolean {
  return lan && env.KEYMESH_LAN !== 'off'
}

/** What switches WebRTC off, as people write it; `undefined` where it is on. */
export function webRtcSwitch(flags: NodeFlags, env: NodeJS.ProcessEnv): string | undefined {
  if (webRtcUse(flags, env) !== 'off') return undefined
  return flags.webrtc === 'off' ? '--webrtc off' : 'KEYMESH_WEBRTC=off'
}

function webRtcOptions(flags: NodeFlags, env: NodeJS.ProcessEnv): Pick<NodeOptions, 'webrtc'> {
  const use = webRtcUse(flags, env)
  if (use === 'off') return { webrtc: false }
  return use === 'local' ? { webrtc: { localAddresses: true } } : {}
}

function webRtcUse({ webrtc }: NodeFlags, env: NodeJS.ProcessEnv): WebRtcUse | undefined {
  return webrtc ?? WEBRTC_USES.find(one => one === env.KEYMESH_WEBRTC)
}

/** For an argument that is a key. @throws {MeshError} `INVALID_KEY` */
export function keyArgument(text: string): string {
  const key = text.trim()
  try {
    parseKey(key)
    return key
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'It is not a key.'
    throw new MeshError('INVALID_KEY', reason, { cause })
  }
}

/** For an option that is a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}

function webRtcOption(): Option {
  const about =
    'direct connections to peers: off, on, or local to tell them addresses on the local network, too ' +
    '(default: on, or KEYMESH_WEBRTC)'
  return new Option('--webrtc <how>', about).choices(WEBRTC_USES)
}

function timeoutOption(): Option {
  return new Option('--timeout <ms>', 'how long to wait, in milliseconds')
    .default(DEFAULT_TIMEOUT_MS)
    .argParser(wholeNumber(1, MAX_TIMEOUT_MS))
}
