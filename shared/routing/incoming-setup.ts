// A SETUP from a neighbour (docs/PROTOCOL.md 6): quotas before public-key work (threat 30), then the
// layer, then replay (threat 19) and expiry, then on to the next hop, now or when there is a link to it, or up
// to the parent. Whoever fails gets a DESTROY; every fault of the setup itself reads the same.

import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import { CELL_HEADER } from '../wire/circuit-cells.ts'
import { SETUP_MAX_TTL_S } from '../wire/limits.ts'
import { maxIncomingCircuits, noticeQuota } from './allowances.ts'
import type { Port } from './circuit.ts'
import { acceptIncoming } from './end-circuit.ts'
import type { HopSecrets } from './onion-setup.ts'
import { authenticateSetup, peelSetup, wipeHopSecrets } from './onion-setup.ts'
import type { RouterContext } from './router-context.ts'
import { sendDestroy } from './router-context.ts'
import type { SetupBlock } from './setup-block.ts'

/** `wireId` is one that the peer may choose and that no live circuit has. */
export function acceptSetup(
  context: RouterContext,
  time: Time,
  port: Port,
  wireId: number,
  cell: Uint8Array,
): void {
  const body = cell.subarray(CELL_HEADER)
  const overQuota = checkQuotas(context, time.now, port)
  const secrets = overQuota === undefined ? authenticate(context, body) : undefined
  if (secrets === undefined) {
    sendDestroy(context, port, wireId, overQuota ?? 'protocol')
    return
  }
  const refusal =
    checkReplay(context, time.now, secrets) ?? place(context, time, port, wireId, secrets, body)
  if (refusal === undefined) return
  wipeHopSecrets(secrets)
  sendDestroy(context, port, wireId, refusal)
}

function checkQuotas(context: RouterContext, now: number, port: Port): DestroyReason | undefined {
  const allowance = context.allowances.of(port, now)
  if (!allowance.setups.take(now)) {
    const retryAfterMs = allowance.setups.msUntil(now, 1)
    noticeQuota(context, now, port, allowance, 'setupsPerS', retryAfterMs)
    return 'quota'
  }
  if (port.incoming >= maxIncomingCircuits(port)) {
    noticeQuota(context, now, port, allowance, 'circuitsPerLink', 0)
    return 'quota'
  }
  return context.table.size >= context.maxCircuits ? 'busy' : undefined
}

/** The setup does not say which of our onion keys it was made for. */
function authenticate(context: RouterContext, body: Uint8Array): HopSecrets | undefined {
  const id = context.identity.publicKey
  for (const { onionPrivate, onionPublic } of context.onionKeys.candidates()) {
    const secrets = authenticateSetup(context.suite, { id, onionPrivate, onionPublic }, body)
    if (secrets !== undefined) return secrets
  }
  return undefined
}

/** Before anything inside is read; the tag stays remembered whatever becomes of the setup. */
function checkReplay(
  context: RouterContext,
  now: number,
  { keys }: HopSecrets,
): DestroyReason | undefined {
  const verdict = context.replays.admit(now, keys.replayTag)
  if (verdict === 'new') return undefined
  return verdict === 'full' ? 'busy' : 'protocol'
}

function place(
  context: RouterContext,
  time: Time,
  port: Port,
  wireId: number,
  secrets: HopSecrets,
  body: Uint8Array,
): DestroyReason | undefined {
  const peeled = peelSetup(context.suite, secrets, body)
  if (peeled === undefined || !isInTime(time, peeled.block)) return 'protocol'
  const setup = { secrets, ...peeled }
  const { next } = peeled.block
  if (next === undefined) {
    acceptIncoming(context, time, port, wireId, setup)
    return undefined
  }
  const peer = keyIdOf(next.id)
  if (peer === context.identity.keyId || peer === port.peer) return 'protocol'
  if (context.relay === undefined) return 'unreachable'
  const previous = { port, wireId }
  const owner = context.allowances.of(port, time.now)
  const nextPort = context.table.portTo(peer)
  return nextPort === undefined
    ? context.relay.awaitLink(context, time, previous, peer, owner, setup)
    : context.relay.extendCircuit(context, time, previous, nextPort, owner, setup)
}

function isInTime({ unixMs }: Time, { expiryS }: SetupBlock): boolean {
  const nowS = Math.floor(unixMs / 1000)
  return expiryS >= nowS && expiryS <= nowS + SETUP_MAX_TTL_S
}
