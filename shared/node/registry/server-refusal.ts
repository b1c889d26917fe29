// Why a server does not keep what we sign, as the failure that the user sees. Pure.

import type { Failure } from '../mesh-error.ts'
import { printable } from '../printable.ts'
import type { RpcAnswer } from './rpc-client.ts'

/** @param sentence without its full stop; what the server said is added */
export function failureOfRefusedValue(
  { code, hint }: Extract<RpcAnswer, { kind: 'error' }>,
  sentence: string,
): Failure {
  const detail = hint === undefined ? '' : ` (${printable(hint)})`
  const message = `${sentence}${detail}.`
  return { code: code === 'QUOTA' || code === 'BUSY' ? 'QUOTA' : 'REFUSED', message }
}
