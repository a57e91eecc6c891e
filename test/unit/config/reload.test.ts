import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reloadSettings } from '../../../src/config/reload.js';
import { settingsSchema } from '../../../src/config/schema.js';

test('what may change is taken over in place, and the rest is told and left', () => {
  const settings = settingsSchema.parse({});
  const { viewers } = settings;
  const fresh = settingsSchema.parse({
    log: { level: 'debug' },
    viewers: { max: 5, catchUp: 'keyframe-only', maxShards: 9 },
    server: { restPort: 1 },
    rtmp: { smoothMs: 100 },
  });
  assert.deepEqual(reloadSettings(settings, fresh), {
    atOnce: ['viewers.max', 'log.level'],
    byNewThreads: ['viewers.catchUp', 'rtmp.smoothMs'],
    byNextStart: ['server.restPort', 'viewers.maxShards'],
  });
  assert.equal(settings.viewers, viewers);
  assert.deepEqual([viewers.max, viewers.catchUp, viewers.maxShards], [5, 'keyframe-only', 4]);
  assert.deepEqual([settings.log.level, settings.rtmp.smoothMs, settings.server.restPort], ['debug', 100, 8081]);
});

test('nothing differs from itself, nor do addresses that were learned', () => {
  const nothing = { atOnce: [], byNewThreads: [], byNextStart: [] };
  assert.deepEqual(reloadSettings(settingsSchema.parse({}), settingsSchema.parse({})), nothing);
  const fresh = settingsSchema.parse({ webrtc: { stunServer: 'stun.example:3478' } });
  const settings = settingsSchema.parse({ webrtc: { stunServer: 'stun.example:3478', announce: ['203.0.113.9'] } });
  assert.deepEqual(reloadSettings(settings, fresh), nothing);
  assert.deepEqual(settings.webrtc.announce, ['203.0.113.9']);
  const bound = settingsSchema.parse({ webrtc: { singlePort: 31_000, listen: ['203.0.113.9'] } });
  assert.deepEqual(reloadSettings(bound, settingsSchema.parse({ webrtc: { singlePort: 31_000 } })), nothing);
});
