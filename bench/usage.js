/** What was asked for is not to be had: a line for whoever typed it, not a stack. */
export class UsageError extends Error {}
