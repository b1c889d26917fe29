// What a server node answers to plain HTTP: the web client as static files, /healthz, and nothing else.
// Reads no request body and keeps no state.

import type { IncomingMessage } from 'node:http'
import type { ErrorRequestHandler, Express, Request, Response } from 'express'
import express from 'express'
import helmet from 'helmet'
import type { ServerConfig } from './config.ts'
import type { Log } from './log.ts'
import { isForeign, isTooPlain, secureOriginOf } from './origins.ts'

export interface Health {
  /** `degraded` while the disk takes no writes: relaying and reading go on. */
  readonly status: 'ok' | 'degraded'
  readonly key: string
  readonly links: number
  /** Other servers of the network that this one has reached. */
  readonly servers: number
  readonly records: number
  /** Passed on for clients since the start. */
  readonly relayedBytes: number
  /** UDP port on which STUN is answered. */
  readonly stun: number | null
  /** Seconds. */
  readonly uptime: number
}

/** The web client may load only what this server serves, and talk to any keymesh server. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    'default-src': ["'self'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'connect-src': ["'self'", 'ws:', 'wss:'],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
  },
}

/** What the build names by its contents never changes; everything else is asked for again. */
const HASHED_FILE = /[/\\]assets[/\\][^/\\]+-[\w-]{8,}\.\w+$/
const IMMUTABLE = 'public, max-age=31536000, immutable'

const NOT_BUILT =
  'This is a keymesh server node. Its web client has not been built: run npm run server once.\n'

const NOT_OURS =
  'Without TLS this keymesh server is for this machine only: open it as localhost, or name its address with --public-url.\n'

/** The answer to who must not speak without TLS. The header is that of RFC 9110 15.5.22. */
export const UPGRADE_TO_TLS = { status: 426, header: 'TLS/1.2, HTTP/1.1' } as const

export function needsTlsText(request: IncomingMessage): string {
  const nodes = secureOriginOf(request)
  const where =
    nodes === undefined ? '' : `: ${nodes.replace('wss:', 'https:')}, for nodes ${nodes}`
  return `This keymesh server speaks TLS${where}\n`
}

export function createHttpApp(config: ServerConfig, health: () => Health, log: Log): Express {
  const { webRoot } = config
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.use(
    helmet({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      referrerPolicy: { policy: 'no-referrer' },
      // Not for a certificate that nobody can check.
      strictTransportSecurity: config.tlsFiles !== undefined,
    }),
  )
  app.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') next()
    else response.status(405).set('Allow', 'GET, HEAD').type('text').send('Method not allowed\n')
  })
  app.use((request, response, next) => {
    if (!isTooPlain(request, config)) next()
    else {
      const { status, header } = UPGRADE_TO_TLS
      response.status(status).set('Upgrade', header).type('text').send(needsTlsText(request))
    }
  })
  app.use((request, response, next) => {
    if (isForeign(request, config)) response.status(421).type('text').send(NOT_OURS)
    else next()
  })
  app.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json(health())
  })
  if (webRoot !== undefined) app.use(express.static(webRoot, { setHeaders: setCaching }))
  else app.get('/', (_request, response) => void response.type('text').send(NOT_BUILT))
  app.use(notFound)
  app.use(failed(log))
  return app
}

function setCaching(response: Response, path: string): void {
  response.set('Cache-Control', HASHED_FILE.test(path) ? IMMUTABLE : 'no-cache')
}

function notFound(_request: Request, response: Response): void {
  response
    .status(404)
    .set('Cache-Control', 'no-store')
    .type('html')
    .send(
      '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not found</title>' +
        '<h1>Not found</h1><p>There is nothing here. <a href="/">Open keymesh</a></p></html>\n',
    )
}

/** Express would show a stack trace. */
function failed(log: Log): ErrorRequestHandler {
  return (error: { status?: unknown }, _request, response, next) => {
    const status = typeof error.status === 'number' ? error.status : 500
    if (status >= 500) log.error({ err: error }, 'a request failed')
    if (response.headersSent) next(error)
    else response.status(status).type('text').send('The request cannot be answered\n')
  }
}
