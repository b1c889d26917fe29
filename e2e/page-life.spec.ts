import { describeBriefAbsence } from './page-life.suite.ts'

describeBriefAbsence()
