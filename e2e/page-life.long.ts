import { describeLongAbsence } from './page-life.suite.ts'

describeLongAbsence()
