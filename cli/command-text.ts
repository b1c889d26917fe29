// Commands as lines to paste into a shell: in hints, with the options that were given, so that what is tried next is
// asked of the same network in the same way. Pure.

import type { NodeFlags } from './options.ts'
import { listedServers } from './options.ts'

/** Nothing that a shell would read as more than a letter. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/

/** @param words behind the name of the program */
export function commandText(env: NodeJS.ProcessEnv, words: readonly string[]): string {
  const program = env.npm_lifecycle_event === 'keymesh' ? 'npm run -s keymesh --' : 'keymesh'
  return [program, ...words.map(quoted)].join(' ')
}

/** Of one's own node, as they were given. What is in the environment is there for the next command, too. */
export function nodeWords(flags: NodeFlags): string[] {
  const { mode, server = [], data, network, insecure, discovery, lan, webrtc } = flags
  return [
    ...(mode === undefined ? [] : ['--mode', mode]),
    ...server.flatMap(url => ['-s', url]),
    ...(data === undefined ? [] : ['-d', data]),
    ...(network === undefined ? [] : ['--network', network]),
    ...(insecure ? ['--insecure'] : []),
    ...(discovery ? [] : ['--no-discovery']),
    ...(lan ? [] : ['--no-lan']),
    ...(webrtc === undefined ? [] : ['--webrtc', webrtc]),
  ]
}

/** Of somebody else's node, for it to come to the same servers. */
export function networkWords(flags: NodeFlags, env: NodeJS.ProcessEnv): string[] {
  const { network, insecure } = flags
  return [
    ...listedServers(flags, env).flatMap(url => ['-s', url]),
    ...(network === undefined ? [] : ['--network', network]),
    ...(insecure ? ['--insecure'] : []),
  ]
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
