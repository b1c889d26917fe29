// The one error of every decoder in the core: what arrived is not what the protocol says.
// The message names the rule, never the contents. Hosts turn it into a close code.

export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}
