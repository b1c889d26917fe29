// Whether the address of this page leads anywhere from another device. Pure.

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])$/iu

/** @param hostname as `location.hostname` has it */
export function isThisDeviceOnly(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}
