// ICE servers as `node-datachannel` can read them: it makes one URL of an address and its login, and refuses all
// servers for one that it does not know the like of.

/** No STUN over TLS, and no IPv6 address but by name. */
const UNKNOWN = /^stuns:|\[/i

/** @returns the server with what can be used of it, or nothing */
export function usableServer({ urls, username, credential }: RTCIceServer): RTCIceServer[] {
  const usable = [urls].flat().filter(url => !UNKNOWN.test(url))
  if (usable.length === 0) return []
  if (!username || !credential) return [{ urls: usable }]
  return [
    {
      urls: usable,
      username: encodeURIComponent(username),
      credential: encodeURIComponent(credential),
    },
  ]
}
