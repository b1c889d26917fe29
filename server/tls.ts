// The certificate a server shows: from the PEM files of its operator, else one of its own making, kept in the
// data folder. Its hash goes into the binding of the handshake (docs/PROTOCOL.md 3.2).

import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivateFile } from '../host/node/private-file.ts'
import { makeSelfSigned } from '../host/node/self-signed.ts'
import { storageError } from '../host/node/storage-error.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import type { ServerConfig } from './config.ts'
import type { Log } from './log.ts'

export interface ServerTls {
  /** PEM, its chain after it. */
  readonly cert: Buffer
  /** PEM. */
  readonly key: Buffer
  readonly certSha256: Uint8Array
  readonly isSelfMade: boolean
}

const FILE = 'tls.pem'

/** @throws {MeshError} `USAGE` when a file cannot be read or the two do not belong together */
export async function loadTlsFiles(
  files: NonNullable<ServerConfig['tlsFiles']>,
): Promise<ServerTls> {
  const [cert, key] = await Promise.all([readPem(files.cert), readPem(files.key)])
  try {
    return tlsOf(cert, key, false)
  } catch (cause) {
    throw new MeshError('USAGE', `${files.cert} and ${files.key} do not make a TLS server.`, {
      hint: 'Give a PEM certificate (its chain after it) and the PEM key it was made for.',
      cause,
    })
  }
}

/**
 * The server's own certificate. Made on first use, and made anew when it is damaged or over: nothing rests on it
 * but the hash in the server's record, which is signed again at every start. The caller holds the folder's lock.
 * @throws {MeshError} `STORAGE` when the folder cannot be read or written
 */
export async function ownTls(folder: string, unixMs: number, log: Log): Promise<ServerTls> {
  const path = join(folder, FILE)
  try {
    const kept = await readIfThere(path)
    const tls = kept && usable(kept, unixMs)
    if (tls !== undefined) return tls
    if (kept !== undefined) log.warn('the TLS certificate was damaged or over: made a new one')
    const pem = makeSelfSigned(unixMs)
    await writePrivateFile(path, pem)
    return tlsOf(Buffer.from(pem), Buffer.from(pem), true)
  } catch (error) {
    throw storageError(folder, error)
  }
}

function usable(pem: Buffer, unixMs: number): ServerTls | undefined {
  try {
    const isOver = Date.parse(new X509Certificate(pem).validTo) <= unixMs
    return isOver ? undefined : tlsOf(pem, pem, true)
  } catch {
    return undefined
  }
}

/** @throws whatever node:crypto says of what is not a certificate with its key */
function tlsOf(cert: Buffer, key: Buffer, isSelfMade: boolean): ServerTls {
  const certificate = new X509Certificate(cert)
  if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('not its key')
  const digest = createHash('sha256').update(certificate.raw).digest()
  return { cert, key, certSha256: new Uint8Array(digest), isSelfMade }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
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
