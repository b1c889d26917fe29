// A self-signed certificate for localhost and its key, for tests only: whoever reads this has the key.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBWzCCAQ2gAwIBAgIUZWPIwgFmjXp5mojldWXvLfU7keswBQYDK2VwMBQxEjAQ
BgNVBAMMCWxvY2FsaG9zdDAgFw0yNjExMjMwNjQ5MzBaGA8yMTI2MTAzMDA2NDkz
MFowFDESMBAGA1UEAwwJbG9jYWxob3N0MCowBQYDK2VwAyEAXu1ZBLHnwkfFDb7o
STisQ9LHESrnc45tk4tHzIah7b2jbzBtMB0GA1UdDgQWBBRH5NASClUA+A3FLmQF
X+YjwHPASTAfBgNVHSMEGDAWgBRH5NASClUA+A3FLmQFX+YjwHPASTAPBgNVHRMB
Af8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAFBgMrZXADQQDL
T+ae55twQhDD57XjKzwrmS2u5NVCAFgCv1S8JD/j03iC/wqllqJ4k3PqjBwSuKWp
lrFOfMgb+CB2i/vV+gUL
-----END CERTIFICATE-----
`

const KEY = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIC+zLlE/RYfgRaDemKrjhyCSTAD3l8sLk0gnXXnXMScx
-----END PRIVATE KEY-----
`

export async function writeTlsFiles(folder: string): Promise<{ tlsCert: string; tlsKey: string }> {
  const files = { tlsCert: join(folder, 'cert.pem'), tlsKey: join(folder, 'key.pem') }
  await writeFile(files.tlsCert, CERTIFICATE)
  await writeFile(files.tlsKey, KEY, { mode: 0o600 })
  return files
}
