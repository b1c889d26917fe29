// One message from stdin: text when it is UTF-8, bytes else. Reads no further than a message may be long.

import type { Readable } from 'node:stream'
import type { MessageData } from '../client/node.ts'
import { MeshError } from '../client/node.ts'
import { concat } from '../shared/bytes/concat.ts'
import { DecodeError } from '../shared/bytes/decode-error.ts'
import { utf8Decode } from '../shared/bytes/utf8.ts'
import { MESSAGE_MAX_BYTES } from '../shared/wire/limits.ts'

/** 1 MiB: without the byte that says what they are. */
const DATA_MAX_BYTES = MESSAGE_MAX_BYTES - 1

/** @throws {MeshError} `TOO_LARGE`, `ABORTED`, `STORAGE` when stdin cannot be read */
export async function readMessage(stdin: Readable, signal: AbortSignal): Promise<MessageData> {
  const giveUp = (): void => void stdin.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return textOrBytes(await readAll(stdin))
  } catch (error) {
    if (signal.aborted) throw new MeshError('ABORTED', 'The operation was aborted.')
    if (error instanceof MeshError) throw error
    throw new MeshError('STORAGE', 'The message could not be read from stdin.', { cause: error })
  } finally {
    signal.removeEventListener('abort', giveUp)
    stdin.destroy()
  }
}

async function readAll(stdin: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes <= DATA_MAX_BYTES) continue
    throw new MeshError(
      'TOO_LARGE',
      `A message has at most ${DATA_MAX_BYTES} bytes; stdin has more.`,
    )
  }
  return concat(...chunks)
}

function textOrBytes(bytes: Uint8Array): MessageData {
  try {
    return utf8Decode(bytes)
  } catch (error) {
    if (error instanceof DecodeError) return bytes
    throw error
  }
}
