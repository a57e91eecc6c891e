/** A browser on a host of its own whose network lets no UDP out: it plays by what is left. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { chromiumPath, startChromium } from '../support/browser/chromium.js';
import { createNetwork, type Network } from '../support/network/network.js';
import { startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';

const mediaPorts = '31000-31100';

/** A script that starts Chromium there. */
function launcher(t: TestContext, network: Network): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-blocked-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'chromium');
  writeFileSync(script, `#!/bin/sh\nexec ${network.under('receiver').join(' ')} ${chromiumPath} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

async function plays(page: Page, address: string, way: string): Promise<void> {
  await page.goto(address);
  await page.locator('sluice-player').waitFor();
  await page.evaluate("window.player = document.querySelector('sluice-player')");
  await page.focus('sluice-player >> #stage');
  await page.keyboard.press('d');
  await until('video moves', async () => (await page.evaluate<number>('player.video.currentTime')) > 1, 30_000);
  await page.locator('sluice-player >> #stats dd', { hasText: way }).waitFor();
  assert.equal(await page.evaluate('player.state.phase'), 'playing');
}

test('without UDP it plays by WebRTC over TCP, and where the media ports are shut too by WebSocket', async (t) => {
  const network = createNetwork(t);
  const { senderAddress } = network;
  const [portMin, portMax] = mediaPorts.split('-');
  const places = [`--server.host=${senderAddress}`, `--webrtc.listen=${senderAddress}`];
  const ports = [`--webrtc.portMin=${portMin}`, `--webrtc.portMax=${portMax}`];
  const demo = ['--demo.enabled=true', '--demo.width=320', '--demo.height=180', '--demo.fps=15'];
  const sluice = await startSluice([...places, ...ports, ...demo], '.', network.under('sender'));
  t.after(() => sluice.stop());
  const address = `http://${senderAddress}:${new URL(sluice.rest).port}/play/demo`;
  const chromium = await startChromium(launcher(t, network));
  t.after(() => chromium.close());
  const page = await (await chromium.newContext()).newPage();
  network.block('ipproto', 'udp');
  await plays(page, address, 'webrtc, tcp');
  network.block('ipproto', 'tcp', 'dport', mediaPorts);
  await plays(page, address, 'mse, tcp');
});
