// All lines of the ladder, long enough on each for a direct connection.

import { ladderSuite } from './ladder.suite.ts'

ladderSuite([0, 1, 2, 3, 4, 5, 6, 7, 8], { messages: 60, everyMs: 300 })
