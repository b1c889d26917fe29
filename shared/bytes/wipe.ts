// Erases secrets that are no longer needed. Called by the owner of the array; copies that the engine
// made while moving memory are out of reach, which is why secrets are kept in as few arrays as possible.

export function wipe(...secrets: Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}
