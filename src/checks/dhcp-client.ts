import type { Check } from './check.js';

/** The DHCP client for containers is one that the runtime can supervise. */
export const dhcpClient: Check = {
  id: 'dhcp-client-unsupported',
  title: 'The DHCP client for containers is supported',
  run: ({ answers }) =>
    answers.dhcpClient === 'auto' || answers.dhcpClient === 'udhcpc'
      ? []
      : [
          {
            check: 'dhcp-client-unsupported',
            severity: 'error',
            path: 'dhcpClient',
            message: `This version runs udhcpc for containers, not ${answers.dhcpClient}.`,
            remedy:
              'Set dhcpClient to "auto" or "udhcpc". The client that the host uses for itself stays as it is.',
          },
        ],
};
