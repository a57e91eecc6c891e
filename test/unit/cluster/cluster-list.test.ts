/** The streams of all nodes, as one node lists them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClusterList } from '../../../src/cluster/cluster-list.js';
import type { ClusterView } from '../../../src/cluster/contract.js';
import { sealRequest } from '../../../src/cluster/sealed-request.js';
import { createSecrets } from '../../../src/cluster/secrets.js';
import { createStreamNames } from '../../../src/cluster/stream-names.js';
import { fakeStreams } from '../../support/threads/fake-threads.js';

test('what nobody pulls is listed as its node would dial it, and with the reason where nodes died of it', async (t) => {
  const { streams: local } = await fakeStreams(t);
  const secrets = createSecrets('a secret of the tests');
  const wanted = ['quiet', 'deadly'].map((name) => {
    const uri = `rtmp://source.example/live/${name}`;
    const key = secrets.streamKey(uri) ?? assert.fail();
    const request = { uris: [uri], hasAudio: true, hasVideo: true, record: false, createdAtMs: 0 };
    const sealed = sealRequest(secrets, key, { ...request, origin: 'rest' });
    return { key, pullId: `pull of ${name}`, name, label: '', sealed };
  });
  const deadly = wanted[1]?.key ?? assert.fail();
  const view: ClusterView = {
    nodes: new Map(),
    wanted: new Map(wanted.map((stream) => [stream.key, stream])),
    claims: new Map(),
    quarantined: new Map([[deadly, { deaths: 4, untilMs: 0 }]]),
    edgesOf: () => [],
  };
  const node = { view, onChange: () => {} };
  const names = createStreamNames(node, secrets);
  const held = { all: [], get: () => undefined, byLocalId: () => undefined };
  const list = createClusterList({ local, node, secrets, names, held });
  assert.deepEqual(
    list.list().map(({ localName, state, reason, detail }) => [localName, state, reason, detail]),
    [
      ['quiet', 'PENDING', null, ''],
      ['deadly', 'PENDING', 'stream.quarantined', '4 nodes ended while they had it'],
    ],
  );
});
