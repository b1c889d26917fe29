// A page that runs the public vectors through the portable crypto provider, for e2e/vectors.spec.ts.

import { nobleAead } from '../../shared/crypto/noble-aead.ts'
import { nobleSuite } from '../../shared/crypto/noble-suite.ts'
import type { VectorFiles } from '../../shared/crypto/testing/vector-files.ts'
import { runRfcVectors, runVectors } from '../../shared/crypto/testing/vector-runner.ts'
import type { VectorReport } from '../../shared/crypto/testing/verdicts.ts'

declare global {
  /** What the test calls in the page. */
  var runPublicVectors: (files: VectorFiles) => VectorReport
  var runPrintedVectors: () => VectorReport
}

globalThis.runPublicVectors = files => runVectors(nobleSuite, files, nobleAead)
globalThis.runPrintedVectors = () => runRfcVectors(nobleSuite)
document.title = 'ready'
