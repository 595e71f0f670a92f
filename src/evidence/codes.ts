/** What the codes under which requests are counted say, beyond the classes of an answer. */

/** The other version answered it, and counts it once more. */
export const MOVED = 'moved'
/** Nobody's: callers who left, upgrades, and what the other version answered. */
export const NOBODYS: ReadonlySet<string> = new Set(['client-gone', 'upgraded', MOVED])
/** No version answered: nobody's, and what was ours to refuse because the version was full. */
export const UNANSWERED: ReadonlySet<string> = new Set([...NOBODYS, 'full'])
/** What users see fail, whoever's fault it was: `full` and `refused` are answers of ours. No version is judged by it. */
export const FAILED: ReadonlySet<string> = new Set(['5xx', 'timeout', 'reset', 'no-answer', 'full', 'refused'])
