// Node's errors carry a `code`; TypeScript knows a caught error as `unknown` only.

/** @param {unknown} error @param {string} code for example `ENOENT` */
export function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code
}
