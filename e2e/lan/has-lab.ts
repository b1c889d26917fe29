// Whether the LAN tests can run here; says so once when they cannot.

import { namespaceProblem } from '../fixtures/namespaces.ts'

const problem = namespaceProblem()
if (problem !== undefined) process.stderr.write(`the LAN tests are skipped: ${problem}\n`)

export const hasLab = problem === undefined
