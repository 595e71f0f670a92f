/** Constants of the verdict rule. Changing one changes what every verdict means. */

/** Grids of rate ratios that the fail-e and the pass-e bet on. */
export const RHO_FAIL: readonly number[] = [1.15, 1.35, 1.6, 2, 2.5, 3.2, 4.5, 7, 12]
export const RHO_PASS: readonly number[] = [0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9]

/** Possible beginnings of a regression: k*H/STARTS, k = 0..31. */
export const STARTS = 32

/** Weight of the beginning 0; the others share what is left. */
export const FIRST_START_WEIGHT = 0.5

/** Share of watches without a regression that may end in an alarm; and the one-sided level of the frozen bound. */
export const WATCH_ALPHA = 0.02
export const WATCH_LEVEL = 0.975

/** A gate whose own fail-e is at least this is in doubt. */
export const DOUBT = 2

/** Below this many bad candidate answers expected at the margin, the once-only fail needs the Poisson tail too. */
export const FEW_EXPECTED = 5

/** Correlation of the two answers of a pair, assumed where unknown; power and cap (this part of the horizon) of `pairs: auto`. */
export const PAIR_CORRELATION = 0.5
export const AUTO_POWER = 0.8
export const AUTO_HORIZON_PARTS = 3

/** ln 0 as a number that JSON can carry. */
export const NEVER = -1e300
