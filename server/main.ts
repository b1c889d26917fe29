// What `npm run server` runs: reads the command line, starts a server node, says where it is, and ends
// gracefully on the first SIGINT or SIGTERM, at once on the second.

import { parseArgs } from 'node:util'
import { MeshError } from '../shared/node/mesh-error.ts'
import type { LogLevel, ServerOptions } from './config.ts'
import type { DialedFrom, NetworkView, RunningServer } from './server-node.ts'
import { networkText, startServer } from './server-node.ts'

const USAGE = `Usage: npm run server -- [options]

  --port PORT          where to listen (8080, or $PORT; 0 takes any free port)
  --host ADDRESS       which address to listen on (all; 127.0.0.1 for this machine only)
  --stun-port PORT     UDP port on which to tell clients their address (that of --port; none with --trust-proxy)
  --no-stun            tell nobody
  --data FOLDER        identity and records (~/.keymesh/server)
  --public-url URL     how others reach this server, for example wss://one.example; may be repeated
  --join URL           a server of the network to begin with, wss://host:port/#key_…; may be repeated
  --no-lan             do not look for servers on the local network (nor with KEYMESH_LAN=off)
  --network ID         join another network than the open one (32 hex digits)
  --tls-cert FILE      PEM certificate, with --tls-key FILE (one of its own)
  --trust-proxy        a reverse proxy in front terminates TLS
  --insecure           take links from other machines also without TLS
  --lab                let records lead to this machine and to private networks
  --log-level LEVEL    silent, error, warn (default), info or debug
  --json               say where the server is as one line of JSON
  --help
`

/** Clients come back with jitter after this: a restart should be through by then. */
const RETRY_AFTER_MS = 1_000
const LEVELS: readonly string[] = ['silent', 'error', 'warn', 'info', 'debug']

async function main(): Promise<void> {
  const { values, positionals } = readArguments()
  if (values.help === true) {
    process.stdout.write(USAGE)
    return
  }
  const [stray] = positionals
  if (stray !== undefined) throw strayArgument(stray)
  const options = optionsOf(values)
  const server = await startServer(
    values.json === true ? options : { ...options, onNetwork: tellNetwork },
  )
  endOnSignals(server)
  process.stdout.write(values.json === true ? jsonOf(server) : greetingOf(server))
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        'stun-port': { type: 'string' },
        'no-stun': { type: 'boolean' },
        data: { type: 'string' },
        'public-url': { type: 'string', multiple: true },
        join: { type: 'string', multiple: true },
        'no-lan': { type: 'boolean' },
        lab: { type: 'boolean' },
        network: { type: 'string' },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        'trust-proxy': { type: 'boolean' },
        insecure: { type: 'boolean' },
        'log-level': { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new MeshError('USAGE', message, { cause })
  }
}

const NPM_HINT = 'Options go behind two dashes of their own: npm run server -- --port 8090.'

function strayArgument(text: string): MeshError {
  // npm takes options for its own, and leaves us their values.
  const isOfNpm = process.env.npm_lifecycle_event === 'server'
  return new MeshError(
    'USAGE',
    `'${text}' belongs to no option.`,
    isOfNpm ? { hint: NPM_HINT } : {},
  )
}

function optionsOf(values: ReturnType<typeof readArguments>['values']): ServerOptions {
  const level = values['log-level'] ?? 'warn'
  if (!LEVELS.includes(level)) throw new MeshError('USAGE', `'${level}' is not a log level.`)
  const port = values.port ?? process.env.PORT
  return withoutUndefined({
    port: port === undefined ? undefined : portOf(port),
    host: values.host,
    stunPort: stunPortOf(values['stun-port'], values['no-stun']),
    data: values.data,
    publicUrls: values['public-url'],
    join: values.join,
    lan: values['no-lan'] === true ? false : undefined,
    lab: values.lab,
    network: values.network,
    tlsCert: values['tls-cert'],
    tlsKey: values['tls-key'],
    trustProxy: values['trust-proxy'],
    insecure: values.insecure,
    logLevel: level as LogLevel,
  })
}

function stunPortOf(port: string | undefined, isOff = false): ServerOptions['stunPort'] {
  if (isOff && port !== undefined) {
    throw new MeshError('USAGE', '--stun-port and --no-stun do not go together.')
  }
  if (isOff) return false
  return port === undefined ? undefined : portOf(port)
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new MeshError('USAGE', `'${text}' is not a port.`)
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(options: T): Partial<Defined<T>> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Partial<Defined<T>>
}

function greetingOf(server: RunningServer): string {
  return `
  keymesh server node

  Open     ${server.url}
  Key      ${server.key}
  Address  ${server.address}
           is for other nodes (keymesh --server) and servers (--join)

  Ctrl-C ends it.

`
}

function tellNetwork(view: NetworkView, from: DialedFrom): void {
  const text = networkText(view, from)
  if (text !== undefined) process.stderr.write(`keymesh: ${text}\n`)
}

function jsonOf({ key, url, port, address }: RunningServer): string {
  return `${JSON.stringify({ key, url, port, address })}\n`
}

function endOnSignals(server: RunningServer): void {
  let isClosing = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isClosing) forceEnd(signal)
    isClosing = true
    server.close({ retryAfterMs: RETRY_AFTER_MS }).then(() => process.exit(0), fail)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

function forceEnd(signal: NodeJS.Signals): void {
  process.exit(signal === 'SIGINT' ? 130 : 143)
}

function fail(error: unknown): void {
  if (error instanceof MeshError) {
    process.stderr.write(`keymesh: ${error.message}\n${error.hint}\n`)
  } else {
    process.stderr.write(`keymesh: ${error instanceof Error ? error.stack : String(error)}\n`)
  }
  process.exit(1)
}

main().catch(fail)
