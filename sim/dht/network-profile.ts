// What simulated servers' connections are like: latency, and what it takes to open one.

export interface NetworkProfile {
  /** One way, mean; each message deviates by up to `jitterMs`, its order is not kept. */
  readonly latencyMs: number
  readonly jitterMs: number
  /** Round trips from "dial" to an open link: TCP, TLS with the upgrade, the login. */
  readonly dialRoundTrips: number
}

/** The links of 50 ms that the figures of the registry are given for. */
export const LINKS_OF_50_MS: NetworkProfile = {
  latencyMs: 25,
  jitterMs: 5,
  dialRoundTrips: 3,
}
