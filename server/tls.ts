// The certificate of a server that terminates TLS itself, read from PEM files, and its hash for the
// binding of the handshake (docs/PROTOCOL.md 3.2).

import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { MeshError } from '../shared/node/mesh-error.ts'
import type { ServerConfig } from './config.ts'

export interface ServerTls {
  readonly cert: Buffer
  readonly key: Buffer
  readonly certSha256: Uint8Array
}

/** @throws {MeshError} `USAGE` when a file cannot be read or the two do not belong together */
export async function loadTls(files: ServerConfig['tls']): Promise<ServerTls | undefined> {
  if (files === undefined) return undefined
  const [cert, key] = await Promise.all([readPem(files.certFile), readPem(files.keyFile)])
  try {
    const certificate = new X509Certificate(cert)
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('not its key')
    const digest = createHash('sha256').update(certificate.raw).digest()
    return { cert, key, certSha256: new Uint8Array(digest) }
  } catch (cause) {
    throw new MeshError(
      'USAGE',
      `${files.certFile} and ${files.keyFile} do not make a TLS server.`,
      {
        hint: 'Give a PEM certificate (its chain after it) and the PEM key it was made for.',
        cause,
      },
    )
  }
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new MeshError('USAGE', `The TLS file ${path} cannot be read (${code}).`, { cause })
  }
}
