import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Settings, settingsSchema } from '../../../src/config/schema.js';
import { logAddresses } from '../../../src/supervisor/viewer-addresses.js';

interface Given {
  readonly server?: Partial<Settings['server']>;
  readonly control?: Partial<Settings['control']>;
  readonly webrtc?: Partial<Settings['webrtc']>;
}

/** What is logged, by event. */
function logged(given: Given): ReadonlyMap<string, unknown> {
  const lines = new Map<string, unknown>();
  logAddresses(settingsSchema.parse(given), (_level, event, fields) => lines.set(event, fields));
  return lines;
}

const isPublic = { webrtc: { listen: ['10.0.0.5'], announce: ['203.0.114.9'] } };
const warned: readonly (readonly [string, Given])[] = [
  ['viewers are told a public address', isPublic],
  ['this machine has a public address', { webrtc: { listen: ['10.0.0.5', '203.0.114.9'] } }],
  ['TLS is on', { server: { tlsCertFile: 'a', tlsKeyFile: 'b' }, webrtc: { listen: ['10.0.0.5'] } }],
];
for (const [what, given] of warned) {
  test(`where ${what} and loopback controls, one warning names the lines to set`, () => {
    assert.match(
      JSON.stringify(logged(given).get('control.loopbackTrusted')),
      /server\.trustedProxies.*control\.listen/,
    );
  });
}

const silent: readonly (readonly [string, Given])[] = [
  ['no address is public', { webrtc: { listen: ['10.0.0.5'] } }],
  ['control.loopback is false', { ...isPublic, control: { loopback: false } }],
  ['control has a port of its own', { ...isPublic, control: { listen: '127.0.0.1:9090' } }],
  ['proxies are trusted', { ...isPublic, server: { trustedProxies: ['127.0.0.1'] } }],
];
for (const [what, given] of silent) {
  test(`where ${what}, nothing is warned of`, () => {
    assert.deepEqual([...logged(given).keys()], ['webrtc.addresses']);
  });
}
