/** Where answers that count for no release are kept, as if it were one: what a version answered while it alone served an environment. */
export const poolOf = (environment: string): string => `${environment}/`
