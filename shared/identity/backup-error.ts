// Why a backup could not be opened. MALFORMED: the text is incomplete or mistyped. WRONG_PASSPHRASE: the
// text is whole, but this passphrase does not open it. UNSUPPORTED: made by a newer version, or asking
// for more work than we are ready to do.

export type BackupErrorCode = 'MALFORMED' | 'WRONG_PASSPHRASE' | 'UNSUPPORTED'

const MESSAGES: Readonly<Record<BackupErrorCode, string>> = {
  MALFORMED: 'This is not a complete backup text: a part is missing or mistyped.',
  WRONG_PASSPHRASE: 'The passphrase does not open this backup.',
  UNSUPPORTED: 'This backup was made by a newer version of keymesh.',
}

export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code: BackupErrorCode

  constructor(code: BackupErrorCode) {
    super(MESSAGES[code])
    this.code = code
  }
}
