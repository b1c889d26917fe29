// One STUN question over a real socket, for tests.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { BindingAnswer } from '../../../shared/wire/stun.ts'
import { decodeBindingAnswer, encodeBindingRequest } from '../../../shared/wire/stun.ts'

export interface StunReply {
  readonly answer: BindingAnswer
  /** The port that the question went out of. */
  readonly fromPort: number
}

/** Ends with the test when nobody answers. @param to an address of this machine */
export async function askStun(port: number, to = '127.0.0.1'): Promise<StunReply> {
  const transaction = crypto.getRandomValues(new Uint8Array(12))
  const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4')
  try {
    const answered = once(socket, 'message')
    socket.send(encodeBindingRequest({ transaction, hasFingerprint: true }), port, to)
    const answer = decodeBindingAnswer(new Uint8Array((await answered)[0]))
    if (answer.transaction.some((byte, at) => byte !== transaction[at])) {
      throw new Error('the answer is to another question')
    }
    return { answer, fromPort: socket.address().port }
  } finally {
    socket.close()
  }
}
