// Tells whether this Node can run the project. Kept to syntax that very old versions still parse.

export const OLDEST_NODE = '20.19.0'

/**
 * @param {string} version for example `20.19.1`
 * @returns {string | undefined} one sentence for the person, or undefined when the version will do
 */
export function nodeVersionProblem(version) {
  const found = version.split('.').map(Number)
  const oldest = OLDEST_NODE.split('.').map(Number)
  const differing = oldest.findIndex((part, index) => part !== found[index])
  if (differing === -1 || found[differing] > oldest[differing]) return undefined
  return `keymesh needs Node ${OLDEST_NODE} or newer, and this is Node ${version}: get a newer one from https://nodejs.org.`
}
