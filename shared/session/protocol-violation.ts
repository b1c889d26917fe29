// An authenticated peer broke a rule of the session. Thrown by the parts of a session while they take a
// frame, caught in one place there, and turned into a close with code PROTOCOL. Never leaves the session.

export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation'
}
