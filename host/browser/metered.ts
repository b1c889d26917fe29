// Whether the browser says that bytes cost its user something: the Network Information API, which Chromium has and
// others leave out on purpose. Where it is silent nothing is known, and nothing is assumed.

interface NetworkInformation {
  readonly saveData?: boolean
  readonly type?: string
}

const METERED_TYPES = ['cellular', 'wimax', 'bluetooth']

/** @param browser `navigator` */
export function isMetered(browser: object): boolean {
  const { connection } = browser as { readonly connection?: NetworkInformation }
  return connection?.saveData === true || METERED_TYPES.includes(connection?.type ?? '')
}
