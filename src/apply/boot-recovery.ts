import type { Host } from '../host/host.js';
import { STATE_FOLDER } from '../model/paths.js';
import { render } from '../templates.js';
import { removeLauncher } from './launcher.js';

const NAME = 'bridge-setup-recover.service';
const UNITS = '/etc/systemd/system';
const UNIT = `${UNITS}/${NAME}`;
const WANTS = `${UNITS}/sysinit.target.wants`;
const LINK = `${WANTS}/${NAME}`;

/**
 * Make the next boot take an unfinished run back before the network comes up: after a crash or a power cut there is
 * neither the run nor its watchdog. systemd reads the unit at that boot, so nothing has to be told to it now.
 * @param launcher words that start this program on the host; its command last
 */
export async function armBootRecovery(host: Host, launcher: readonly string[]): Promise<void> {
  const values = {
    launcher: launcher.map(word).join(' '),
    needs: [STATE_FOLDER, ...launcher.filter((one) => one.startsWith('/')).map(word)].join(' '),
    condition: specifiers(launcher.at(-1) ?? ''),
  };
  const unit = render('systemd/bridge-setup-recover.service.ejs', values);
  await host.files.write(UNIT, unit, 0o644);
  await host.files.mkdir(WANTS);
  await host.run(['ln', '--symbolic', '--force', UNIT, LINK]);
  // On disk before the first effect is.
  await host.run(['sync', UNITS, WANTS]);
}

/** Take that back; not an error when there is nothing to take back. */
export async function disarmBootRecovery(host: Host): Promise<void> {
  await host.files.remove(LINK);
  await host.files.remove(UNIT);
  await removeLauncher(host);
}

/** A percent sign begins a specifier (systemd.unit(5)). */
const specifiers = (path: string) => path.replaceAll('%', '%%');

/** One word of a unit file, whatever is in it (systemd.syntax(7), "Quoting"). */
const word = (path: string) => `"${specifiers(path).replaceAll(/["\\]/g, '\\$&')}"`;
