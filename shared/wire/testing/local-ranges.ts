// The ranges of IPv4 addresses that lead nowhere beyond a machine or its network, for tests of whatever tells addresses apart.

/** First and last address of a range, and the neighbours that are not of it. */
export type AddressRange = readonly [
  first: string,
  last: string,
  before: string | undefined,
  after: string | undefined,
]

export const LOCAL_V4_RANGES: readonly AddressRange[] = [
  ['0.0.0.0', '0.255.255.255', undefined, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['224.0.0.0', '255.255.255.255', '223.255.255.255', undefined],
]
