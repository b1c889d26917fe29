// Wall clock at the beginning of every test of this folder: 2026-01-01.

export const START_UNIX_MS = 1_767_225_600_000
