// Two lines of the ladder, in as little time as tells something; all of them: ladder.long.ts.

import { ladderSuite } from './ladder.suite.ts'

ladderSuite([2, 6], { messages: 20, everyMs: 150 })
