/** That a stream is recorded belongs to what is wanted of it, whichever node owns it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClusterRecording } from '../../../src/cluster/cluster-recording.js';
import type { Held } from '../../../src/cluster/held.js';
import { pullRequestOf, sealRequest, unsealRequest } from '../../../src/cluster/sealed-request.js';
import { createSecrets } from '../../../src/cluster/secrets.js';
import type { WantedStream } from '../../../src/core/cluster/records.js';
import { SluiceError } from '../../../src/errors.js';
import { nodeRecord, wantedStream } from '../../support/cluster/records.js';

const uri = 'rtmp://source.example/live/cam';
const secrets = createSecrets('a secret of the tests');
const key = secrets.streamKey(uri) ?? assert.fail();
const request = { uris: [uri], hasAudio: true, hasVideo: true, record: false, createdAtMs: 0 };

function stage() {
  let stream = wantedStream(key, {
    pullId: 'pull-1',
    sealed: sealRequest(secrets, key, { ...request, origin: 'rest' }),
  });
  const calls: string[] = [];
  const listeners: ((key: string | null) => void)[] = [];
  const state = { isAway: false, owner: 'this' };
  const held = (): Held => {
    const role = { kind: 'owner', stream, epoch: 1 } as const;
    return { key, role, hasSources: true, localId: 'local-1' };
  };
  const claim = () => ({ key, nodeId: state.owner, epoch: 1, pullId: 'pull-1', name: null, shown: '' });
  const recording = createClusterRecording({
    local: {
      startRecording: (pullId, { template }) => void calls.push(`start ${pullId} ${template}`),
      stopRecording: async (pullId) => void calls.push(`stop ${pullId}`),
    },
    node: {
      view: {
        nodes: new Map([['other', nodeRecord('other')]]),
        get wanted() {
          return new Map([[key, stream]]);
        },
        get claims() {
          return new Map([[key, claim()]]);
        },
        quarantined: new Map(),
        edgesOf: () => [],
      },
      async rewant(wanted: WantedStream) {
        if (state.isAway) throw new SluiceError('registry.unreachable');
        stream = wanted;
      },
      onChange: (listener) => void listeners.push(listener),
    },
    secrets,
    names: { keyOf: () => undefined, byPullId: (pullId) => (pullId === 'pull-1' ? key : undefined) },
    held: { get: () => (state.owner === 'this' ? held() : undefined) },
    log: () => {},
  });
  return {
    ...recording,
    calls,
    state,
    /** As the next owner pulls it. */
    next() {
      const { record, recording: how } = pullRequestOf(unsealRequest(secrets, stream) ?? assert.fail(), stream);
      return { record, how };
    },
    read() {
      for (const listener of listeners) listener(null);
    },
  };
}

test('what REST begins is wanted of each owner, as it was asked for, until REST ends it', async () => {
  const { startRecording, stopRecording, next, calls } = stage();
  assert.deepEqual(next(), { record: false, how: undefined });
  await startRecording('pull-1', { template: 'x', rotation: '20M' });
  assert.deepEqual(next(), { record: true, how: { template: 'x', rotation: '20M' } });
  await stopRecording('pull-1');
  assert.deepEqual(next(), { record: false, how: undefined });
  assert.deepEqual(calls, ['start local-1 x', 'stop local-1']);
});

test('where the registry is away the recording begins all the same, and the registry is told when it is read again', async () => {
  const { startRecording, next, state, read } = stage();
  state.isAway = true;
  await startRecording('pull-1', {});
  assert.equal(next().record, false);
  state.isAway = false;
  read();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(next().record, true);
});

test('what was wished last counts, whichever of two wishes the registry hears of', async () => {
  const { startRecording, stopRecording, next, state, read } = stage();
  state.isAway = true;
  await startRecording('pull-1', {});
  state.isAway = false;
  await stopRecording('pull-1');
  read();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(next().record, false);
});

test('another owner is asked itself', async () => {
  const { startRecording, stopRecording, state, calls } = stage();
  state.owner = 'other';
  await assert.rejects(async () => startRecording('pull-1', {}), {
    code: 'stream.elsewhere',
    http: 'http://other:8081',
  });
  await assert.rejects(stopRecording('pull-1'), { code: 'stream.elsewhere' });
  await startRecording('of this node alone', {});
  assert.deepEqual(calls, ['start of this node alone undefined']);
});
