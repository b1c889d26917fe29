// Whether the tests behind NATs can run here; says so once when they cannot.

import { natLabProblem } from '../fixtures/nat-lab.ts'

const problem = natLabProblem()
if (problem !== undefined) process.stderr.write(`the NAT tests are skipped: ${problem}\n`)

export const hasNatLab = problem === undefined
