import { defaultRoute } from '../model/links.js';
import type { DoctorCheck } from './doctor-check.js';
import { error, toldByFiles, warning } from './found.js';

/** What leaves the LAN leaves by the bridge. */
export const wayOut: DoctorCheck = {
  id: 'way-out',
  title: 'The default route leads through the bridge',
  group: 'addresses',
  on: 'set-up',
  looksAt: 'The default route of IPv4, where it leads, and what the files say of it.',
  cause: 'It was removed, was lost when the bridge was down for a moment, or still leads through the port.',
  run(context) {
    const told = toldByFiles(context, 'way-out');
    if (told.length > 0) return told;
    const { bridge, port, existing } = context.doctor;
    const route = defaultRoute(context.facts);
    // A bridge of somebody else's may lead to a LAN without a way out.
    if (existing && route?.link !== port) return [];
    if (route === null) {
      return [
        error(
          'no-default-route',
          'This host has no default route, so nothing leaves the LAN.',
          `Bring the bridge up anew, in one shell: \`ifdown ${bridge} && ifup ${bridge}\`.`,
        ),
      ];
    }
    if (route.link === port) {
      const remedy = `Lead it through the bridge: \`ip route replace default via ${route.gateway} dev ${bridge}\`.`;
      return [
        error('route-through-port', `The default route leads through ${port}, a port of ${bridge}.`, remedy),
      ];
    }
    return route.link === bridge || context.facts.links.every(({ name }) => name !== bridge)
      ? []
      : [
          warning(
            'route-elsewhere',
            `The default route leads through ${route.link}, not through ${bridge}.`,
            'If that is meant, all is well; the checks of the LAN then know no gateway.',
          ),
        ];
  },
};
