// What a node is asked to do with a peer: reach it, send to it, measure it. Promises over the core's commands.

import type { KeyId } from '../shared/identity/node-id.ts'
import { DIAL_TIMEOUT_MS, MESSAGE_TIMEOUT_MS } from '../shared/wire/limits.ts'
import type { DialOptions, MessageData, SendOptions, WaitOptions } from './api.ts'
import { encodeMessageData } from './message-data.ts'
import { modeOf, timeoutOf } from './options.ts'
import type { Requests } from './requests.ts'

/** Settles when a session is open. A mode is in force at once. */
export async function openSession(
  requests: Requests,
  peer: KeyId,
  { timeoutMs, signal, mode }: DialOptions,
): Promise<void> {
  const limits = { timeoutMs: timeoutOf(timeoutMs, DIAL_TIMEOUT_MS), ...modeOf(mode) }
  await requests.askFor('dialed', request => ({ kind: 'dial', request, peer, ...limits }), signal)
}

/** @param id 16 random bytes */
export async function sendMessage(
  requests: Requests,
  peer: KeyId,
  id: Uint8Array,
  message: MessageData,
  { timeoutMs, signal, mode }: SendOptions,
): Promise<void> {
  const data = encodeMessageData(message)
  const limitMs = timeoutOf(timeoutMs, MESSAGE_TIMEOUT_MS)
  const limits = { timeoutMs: Math.min(limitMs, MESSAGE_TIMEOUT_MS), ...modeOf(mode) }
  await requests.askFor(
    'delivered',
    request => ({ kind: 'send', request, peer, id, data, ...limits }),
    signal,
  )
}

/** @returns milliseconds */
export async function pingPeer(
  requests: Requests,
  peer: KeyId,
  options: WaitOptions,
): Promise<number> {
  const timeoutMs = timeoutOf(options.timeoutMs, DIAL_TIMEOUT_MS)
  const { rttMs } = await requests.askFor(
    'pong',
    request => ({ kind: 'ping', request, peer, timeoutMs }),
    options.signal,
  )
  return rttMs
}
