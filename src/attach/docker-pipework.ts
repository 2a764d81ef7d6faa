/** One setting of docker-pipework. */
export interface PipeworkSetting {
  /** Without the prefix `pipework_`, which it may have on the container of docker-pipework. */
  readonly name: string;
  /** Where it is set: on the container of docker-pipework, or on one that it attaches. */
  readonly scope: 'global' | 'container';
  /** Why it did nothing in the original; `null`: it did something. */
  readonly dead: string | null;
  /** What it does here. */
  readonly here: string;
}

const BRIDGED = 'not needed: the host reaches a container on its bridge anyway';
const RETRIES = 'not needed: the runtime tries again, with back-off, until it works';

/**
 * All settings of docker-pipework ("4. Config.md"), what became of them in its entrypoint.sh, and what they do here
 * (github.com/dreamcat4/docker-images, pipework).
 */
export const PIPEWORK_SETTINGS: readonly PipeworkSetting[] = [
  setting(
    'global',
    'run_mode',
    'manual, batch, daemon, both, all, or several with commas; without it: daemon',
  ),
  setting(
    'global',
    'cmd',
    'a rule for manual mode, as each *pipework_cmd* is, in the order of sort(1)',
    'only *pipework_cmd* was looked for, and the arguments of the container were not used at all',
  ),
  setting(
    'global',
    'key',
    'only containers with the same pipework_key (or label bridge-setup.key) are attached',
  ),
  setting('global', 'sleep', 'seconds to wait before the start'),
  setting('global', 'debug', 'not used: --verbose shows every command that is run'),
  setting(
    'global',
    'event_filters',
    'only containers that fit are attached in daemon mode: container=, image=, label=',
    '`docker events` was given them as --format, which spoiled the events',
  ),
  setting(
    'global',
    'up_time',
    'seconds after which daemon mode ends',
    '`docker events` was given a time in quotes, refused it, and daemon mode ended at once',
  ),
  setting('global', 'retry_delay', 'seconds before the second attempt; each further wait is twice as long'),
  setting('global', 'inter_delay', 'not needed: each rule is checked before the next one is followed'),
  setting(
    'global',
    'cleanup_wait',
    'not needed: a container that died is cleared away at once',
    'it waited, and then did nothing',
  ),
  setting('global', 'host_routes', BRIDGED),
  setting('global', 'host_route_arping', BRIDGED),
  setting('global', 'host_route_protocols', BRIDGED),
  setting('global', 'route_add_delay', BRIDGED),
  setting('container', 'cmd', 'a rule, as each *pipework_cmd* is, in the order of sort(1)'),
  setting('container', 'key', 'has to be the key of the runtime, if that has one'),
  setting('container', 'host_route', BRIDGED),
  setting('container', 'host_routes', BRIDGED),
  setting('container', 'host_route_arping', BRIDGED),
  setting('container', 'retry_delay', RETRIES, 'it was not read from containers'),
  setting('container', 'inter_delay', 'not needed', 'it was not read from containers'),
  setting('container', 'cleanup_wait', 'not needed', 'it was not read from containers'),
];

function setting(
  scope: PipeworkSetting['scope'],
  name: string,
  here: string,
  dead: string | null = null,
): PipeworkSetting {
  return { scope, name, here, dead };
}
