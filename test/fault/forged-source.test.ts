/** Datagrams from a stranger under the viewer's own address and port (docs/reliability.md S5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createForgedNetwork, serverAddress, viewerAddress } from '../support/network/forged-network.js';
import type { ForgedViewerCount } from '../support/network/forged-viewer.js';
import { startSluice } from '../support/server/sluice.js';

const rounds = 500;
const isJson = (line: string): boolean => line.startsWith('{');

test('what a stranger sends under the address of a viewer ends nothing, and no packet is missing', async (t) => {
  const network = createForgedNetwork(t);
  const flags = [
    `--server.host=${serverAddress}`,
    `--webrtc.listen=${serverAddress}`,
    `--control.allow=${viewerAddress}`,
    '--demo.enabled=true',
    '--demo.width=320',
    '--demo.height=180',
  ];
  const sluice = await startSluice(flags, '.', network.under('server'));
  t.after(() => sluice.stop());
  await sluice.logged('video.path', 30_000);
  const program = (name: string): URL => new URL(`../support/network/${name}.js`, import.meta.url);
  const restPort = new URL(sluice.rest).port;
  const viewer = await network.start('viewer', program('forged-viewer'), [restPort]);
  const ports = JSON.parse(await viewer.line('it plays', isJson, 30_000));
  const count = async (): Promise<ForgedViewerCount> => {
    const before = viewer.lines.filter(isJson).length;
    viewer.process.stdin?.write('count\n');
    return JSON.parse(
      await viewer.line('its count', (line) => isJson(line) && viewer.lines.filter(isJson).length > before),
    );
  };
  const first = await count();
  const receivedBefore = network.received();
  const forger = await network.start('forger', program('forger'), [ports.own, ports.server, rounds].map(String));
  const { sent } = JSON.parse(await forger.line('what was sent', isJson, 60_000));
  const last = await count();
  const received = network.received() - receivedBefore;
  t.diagnostic(JSON.stringify({ sent, received, first, last }));
  // They are no martians to the kernel: the server read them, all that its socket had room for.
  assert.ok(received > sent / 2, `${received} of ${sent} were read`);
  assert.ok(last.packets > first.packets);
  assert.equal(last.gaps, 0);
  assert.deepEqual(
    sluice.log().filter(({ event }) => /viewer\.ended|actor\.ended|condemned/.test(event)),
    [],
  );
});
