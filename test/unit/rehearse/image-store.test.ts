import { describe, expect, it } from 'vitest';
import { IMAGE_FOLDER, pruneImages } from '../../../src/rehearse/image-store.js';
import { FakeHost } from '../support/fake-host.js';

const DAY = 24 * 3600;

/** A store with these images, by name, with their age in seconds; `mounted`: one that a loop device is of. */
function store(images: Readonly<Record<string, number>>, mounted = '') {
  const host = new FakeHost();
  for (const name of Object.keys(images)) host.content.set(`${IMAGE_FOLDER}/${name}`, '');
  host.content.set('/sys/block/loop0', '').set('/sys/block/loop0/loop/backing_file', `${mounted}\n`);
  host.script = ([program, , ...paths]) => {
    if (program !== 'stat') return undefined;
    const age = (path: string) => images[path.slice(IMAGE_FOLDER.length + 1)] ?? 0;
    return {
      stdout: paths.map((path) => `${Math.round(host.time / 1000 - age(path))} 8 ${path}\n`).join(''),
    };
  };
  return host;
}

const left = ({ content }: FakeHost) =>
  [...content.keys()]
    .filter((path) => path.startsWith(IMAGE_FOLDER))
    .map((path) => path.slice(IMAGE_FOLDER.length + 1));

describe('pruning the images of rehearsals', () => {
  it('removes layers of another package state after a day, and any after 30 days', async () => {
    const host = store({
      'packages-now-a.img': 29 * DAY,
      'packages-now-b.img': 31 * DAY,
      'packages-old-a.img': DAY / 2,
      'packages-old-b.img': 2 * DAY,
      'packages-5c65ac298bdaf7a5.img': 2 * DAY,
      'guest-a.img': 29 * DAY,
      'guest-b.img': 31 * DAY,
      'packages-now-a.img.lock': 90 * DAY,
    });
    await pruneImages(host, 'packages-now-');
    expect(left(host)).toEqual([
      'packages-now-a.img',
      'packages-old-a.img',
      'guest-a.img',
      'packages-now-a.img.lock',
    ]);
  });

  it('leaves what is mounted, however old, and what a living process makes', async () => {
    const name = 'packages-old-b.img';
    const host = store(
      { [name]: 90 * DAY, 'packages-x.img.77.partial': 0, 'packages-x.img.78.partial': 0 },
      `${IMAGE_FOLDER}/${name}`,
    );
    host.content.set('/proc/77', '');
    await pruneImages(host, 'packages-now-');
    expect(left(host)).toEqual([name, 'packages-x.img.77.partial']);
  });
});
