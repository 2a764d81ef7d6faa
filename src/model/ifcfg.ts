/** Where the network scripts of RHEL 7 have the configuration of each link (initscripts, sysconfig.txt). */
export const IFCFG_PREFIX = '/etc/sysconfig/network-scripts/ifcfg-';

/** The value of a plain setting of an ifcfg file, at a glance: whose file it is. The backend reads it as bash does. */
export function ifcfgValue(content: string, name: string): string | undefined {
  return new RegExp(`^[ \\t]*${name}=["']?([\\w.:-]+)`, 'm').exec(content)?.[1];
}
