// The parts that one session is made of, composed by hand, for those of them that need one another. What
// happens between them is in session.ts.

import { EffectQueue } from '../machine/effect-queue.ts'
import { Acks } from './acks.ts'
import type { SessionEffect } from './effects.ts'
import type { EpochLimits } from './epoch.ts'
import { EPOCH_LIMITS } from './epoch.ts'
import { Epochs } from './epochs.ts'
import { ReceiveCredit, SendCredit } from './flow.ts'
import type { HandshakeContext, SessionSecrets } from './handshake.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'
import type { Path, PathId } from './path.ts'
import { PathProbes } from './path-probes.ts'
import { Pings } from './pings.ts'
import { Preference } from './preference.ts'
import { Rekey } from './rekey.ts'
import type { SeenIds } from './seen-ids.ts'
import { SentPackets } from './sent-packets.ts'
import { SignalReceiver } from './signal-receiver.ts'
import { SignalSender } from './signal-sender.ts'

export interface SessionConfig extends HandshakeContext {
  /** Of the peer; outlives the session. */
  readonly seen: SeenIds
  /** Smaller in tests. */
  readonly epochLimits?: EpochLimits
}

export interface SessionParts {
  readonly effects: EffectQueue<SessionEffect>
  readonly epochs: Epochs
  readonly acks: Acks
  readonly sent: SentPackets
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly signalsOut: SignalSender
  readonly signalsIn: SignalReceiver
  readonly sendCredit: SendCredit
  readonly receiveCredit: ReceiveCredit
  readonly rekey: Rekey
  readonly pings: Pings
  readonly paths: Map<PathId, Path>
  readonly preference: Preference
  readonly probes: PathProbes
}

export function composeParts(
  config: SessionConfig,
  secrets: SessionSecrets,
  now: number,
): SessionParts {
  const effects = new EffectQueue<SessionEffect>()
  const sendCredit = new SendCredit()
  const receiveCredit = new ReceiveCredit()
  const limits = config.epochLimits ?? EPOCH_LIMITS
  const epochs = new Epochs(config.suite, secrets, limits, now)
  const isInitiator = secrets.role === 'initiator'
  const paths = new Map<PathId, Path>()
  return {
    effects,
    epochs,
    acks: new Acks(),
    sent: new SentPackets(),
    outbox: new Outbox(effects, sendCredit),
    inbox: new Inbox(effects, receiveCredit, config.seen),
    signalsOut: new SignalSender(),
    signalsIn: new SignalReceiver(bytes => effects.push({ kind: 'signal', bytes })),
    sendCredit,
    receiveCredit,
    rekey: new Rekey(config, secrets.remotePublicKey, epochs, isInitiator),
    pings: new Pings(effects),
    paths,
    preference: new Preference(paths, !isInitiator),
    probes: new PathProbes(paths, isInitiator),
  }
}
