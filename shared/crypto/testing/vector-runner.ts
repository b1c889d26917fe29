// Runs every public vector through a crypto provider and says how each came out. Pure: no test library
// and no host API, so that a page in a real browser can run it and compare its digest with Node's.

import type { CryptoSuite } from '../suite.ts'
import type { Aead } from '../suite-arguments.ts'
import { runConversion, runSignatures, runSigning, runX25519 } from './curve-vectors.ts'
import { runNoise } from './noise-vectors.ts'
import { runRfc } from './rfc-vectors.ts'
import { runAead, runHkdf, runHmac } from './symmetric-vectors.ts'
import type { VectorFiles } from './vector-files.ts'
import type { VectorReport } from './verdicts.ts'
import { Verdicts } from './verdicts.ts'

/** What the RFCs print: needs no file. */
export function runRfcVectors(suite: CryptoSuite): VectorReport {
  const verdicts = new Verdicts()
  runRfc(suite, verdicts)
  return verdicts.report()
}

/** All public vectors. `aead` is the provider's own, which takes the whole nonce (symmetric-vectors.ts). */
export function runVectors(suite: CryptoSuite, files: VectorFiles, aead: Aead): VectorReport {
  const verdicts = new Verdicts()
  runHmac(suite, files.hmac, verdicts)
  runHkdf(suite, files.hkdf, verdicts)
  runAead(aead, files.chachaPoly, verdicts)
  runX25519(suite, files.x25519, verdicts)
  runSignatures(suite, files, verdicts)
  runSigning(suite, files.signInput, verdicts)
  runConversion(suite, files.edToX, verdicts)
  runNoise(suite, 'cacophony', files.cacophony, verdicts)
  runNoise(suite, 'snow', files.snow, verdicts)
  return verdicts.report()
}
