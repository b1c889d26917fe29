// Whether the LAN tests can run here; says so once when they cannot.

import { labProblem } from '../fixtures/netns.ts'

const problem = labProblem()
if (problem !== undefined) process.stderr.write(`the LAN tests are skipped: ${problem}\n`)

export const hasLab = problem === undefined
