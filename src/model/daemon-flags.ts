/**
 * Flags of Node.js for the daemon (`node --v8-options`): it is small and waits most of the time, but with V8's defaults
 * the garbage of many attaches stays in memory, and code that was optimized for a moment. Without the optimizer an
 * attach takes as long. Not `--optimize-for-size`: for 1 to 2 MiB it took a third more of the daemon's thread.
 */
export const DAEMON_NODE_FLAGS = ['--max-semi-space-size=1', '--no-opt'] as const;

/**
 * Environment of the daemon: for the garbage of 200 containers, memory of several malloc arenas stays with it, a third
 * more than it needs (mallopt(3), M_ARENA_MAX).
 */
export const DAEMON_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' } as const;
