// The beginning of a stream, up to a mark, and no more than is needed of it.

import type { Readable } from 'node:stream'
import { addAbortSignal } from 'node:stream'
import { MeshError } from '../client/node.ts'

export interface ReadUntilOptions {
  readonly mark: string
  readonly maxChars: number
  readonly signal: AbortSignal
}

/**
 * Reads UTF-8 until `mark` was seen, the stream ends, or there are more than `maxChars`. The stream stays open.
 * @returns what was read, which may go on behind the mark
 * @throws {MeshError} `ABORTED`, and whatever the stream fails with
 */
export async function readUntil(
  stream: Readable,
  { mark, maxChars, signal }: ReadUntilOptions,
): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  addAbortSignal(signal, stream)
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      if (text.includes(mark) || text.length > maxChars) return text
    }
  } catch (error) {
    throwIfAborted(signal)
    throw error
  }
  return text + decoder.decode()
}

/** @throws {MeshError} `ABORTED` */
export function throwIfAborted({ aborted }: AbortSignal): void {
  if (aborted) throw new MeshError('ABORTED', 'The operation was aborted.')
}
