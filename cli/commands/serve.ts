// `keymesh serve`: runs a server node in this terminal. The server is loaded for this command only: it is
// the one place where the command line reaches beyond the library.

import type { Command } from 'commander'
import { Option } from 'commander'
import type { DialedFrom, NetworkView, ServerOptions } from '../../server/server-node.ts'
import type { CliContext } from '../context.ts'
import { untilAborted } from '../interrupt.ts'
import { addJsonOption, collect, wholeNumber } from '../options.ts'
import type { JsonEvent } from '../output.ts'

type LogLevel = NonNullable<ServerOptions['logLevel']>

interface ServeFlags {
  readonly port: number
  readonly host?: string
  readonly stunPort?: number
  readonly stun: boolean
  readonly data?: string
  readonly publicUrl?: string[]
  readonly join?: string[]
  readonly lan: boolean
  readonly lab?: true
  readonly network?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly trustProxy?: true
  readonly insecure?: true
  readonly logLevel: LogLevel
}

const LOG_LEVELS: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug']

/** Clients come back with jitter after this: a restart should be through by then. */
const RETRY_AFTER_MS = 1_000

export function addServe(program: Command, { output, signal }: CliContext): void {
  const port = wholeNumber(0, 65_535)
  const command = program
    .command('serve')
    .description('run a server node')
    .option('-p, --port <number>', 'port to listen on; 0 takes a free one', port, 8080)
    .option('--host <address>', 'address to listen on (default: all; 127.0.0.1: this machine only)')
    .option('--stun-port <number>', 'UDP port of STUN (default: --port; proxied: none)', port)
    .addOption(
      new Option('--no-stun', 'do not tell clients their address by STUN').conflicts('stunPort'),
    )
    .option('-d, --data <folder>', 'identity and records (default: ~/.keymesh/server)')
    .option('--public-url <url>', 'address by which others reach it; may be repeated', collect)
    .option('--join <url>', 'server of the network to begin with; may be repeated', collect)
    .option('--no-lan', 'do not look for servers on the local network (nor with KEYMESH_LAN=off)')
    .option('--network <id>', 'network id, 32 hex digits (default: the open network)')
    .option('--tls-cert <file>', 'PEM certificate, with --tls-key (default: one of its own)')
    .option('--tls-key <file>', 'PEM key of the certificate')
    .option('--trust-proxy', 'a reverse proxy in front terminates TLS')
    .option('--insecure', 'take links from other machines also without TLS')
    .option('--lab', 'let records lead to this machine and to private networks')
    .addOption(
      new Option('--log-level <level>', 'what goes to stderr').choices(LOG_LEVELS).default('warn'),
    )
  addJsonOption(command).action(async ({ publicUrl, lan, stun, ...flags }: ServeFlags) => {
    const { networkText, startServer } = await import('../../server/server-node.ts')
    const tellNetwork = (view: NetworkView, from: DialedFrom): void => {
      const text = networkText(view, from)
      if (text !== undefined) output.remark(networkEvent(view, from), text)
    }
    const server = await startServer({
      ...flags,
      ...(publicUrl && { publicUrls: publicUrl }),
      // Left out, it is for the environment to say.
      ...(!lan && { lan }),
      ...(!stun && { stunPort: false }),
      onNetwork: tellNetwork,
    })
    const { key, url, address } = server
    output.result(
      { event: 'ready', key, url, address },
      `Serving as ${output.style.bold(key)}\nOpen ${url} in a browser here, or give it to --server.\n` +
        `For other nodes (--server) and servers (--join):\n${address}`,
    )
    await untilAborted(signal)
    await server.close({ retryAfterMs: RETRY_AFTER_MS })
  })
}

function networkEvent(view: NetworkView, from: DialedFrom): JsonEvent {
  const failure = view.state === 'joining' ? view.failure : undefined
  const { code, message } = failure ?? {}
  return {
    event: 'network',
    state: view.state,
    ...(view.state === 'joined' && { dialedFrom: from }),
    ...(failure && { code, message }),
  }
}
