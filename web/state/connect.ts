// The one place where the web client meets the keymesh library.

export { createNode as connect } from '../../client/browser.ts'
