import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { driveWcsSession as open, sdp, status } from '../../../support/server/wcs-driver.js';

test('a play goes PENDING, answer, PLAYING with its size, STOPPED', () => {
  const session = open();
  assert.deepEqual(session.play(), [status('PENDING'), 'view 1 cam']);
  assert.deepEqual(session.answer(1), ['setRemoteSDP']);
  const playing = [status('PLAYING'), 'notifyVideoFormat RESIZE', 'notifyStreamEvent'];
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), playing);
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), []);
  const stopped = ['leave viewer1', status('STOPPED Stopped by user')];
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'm' }), stopped);
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'm' }), []);
});

test('a connection that is known before the answer makes PLAYING follow the answer', () => {
  const session = open();
  session.play();
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), []);
  assert.deepEqual(session.answer(1).slice(0, 2), ['setRemoteSDP', status('PLAYING')]);
});

test('a failed view is FAILED with the word of its row, and its mediaSessionId is free again', () => {
  const session = open();
  session.play();
  const failed = session.step({ kind: 'view.failed', play: 1, code: 'stream.notFound' });
  assert.deepEqual(failed, [status('FAILED Stream not found')]);
  assert.deepEqual(session.play(), [status('PENDING'), 'view 2 cam']);
});

test('a play that failed names why beside the word of WCS: a stable code, and words', () => {
  const session = open();
  session.play();
  const [event] = session.frames({ kind: 'view.ended', play: 1, code: 'source.nameNotResolved' });
  const { status: state, info, reason } = Object(event?.data[0]);
  assert.deepEqual([state, info], ['FAILED', 'Failed to connect to origin stream']);
  assert.deepEqual(reason, { code: 'source.nameNotResolved', text: "The source's host name was not resolved" });
  session.play();
  const [stopped] = session.frames({ kind: 'view.ended', play: 2, code: null });
  assert.equal('reason' in Object(stopped?.data[0]), false);
});

test('a source that is lost is PLAYBACK_PROBLEM with the reason, and PLAYING again when it is back', () => {
  const session = open();
  session.play();
  session.answer(1);
  session.step({ kind: 'view.connected', play: 1 });
  const [event] = session.frames({ kind: 'view.source', play: 1, lost: 'source.ended' });
  const { status: state, info, reason } = Object(event?.data[0]);
  assert.deepEqual([state, info, reason.code], ['PLAYBACK_PROBLEM', 'Stopped by publisher stop', 'source.ended']);
  assert.deepEqual(session.step({ kind: 'view.source', play: 1, lost: null }), [status('PLAYING')]);
  session.step({ kind: 'view.source', play: 1, lost: 'source.stalled' });
  const stopped = ['leave viewer1', status('STOPPED Stopped by user')];
  assert.deepEqual(session.say('stopStream', { mediaSessionId: 'm' }), stopped);
  assert.deepEqual(session.step({ kind: 'view.source', play: 1, lost: null }), []);
});

test('a source that is lost before its viewer is connected is told with PLAYING', () => {
  const session = open();
  session.play();
  session.answer(1);
  assert.deepEqual(session.step({ kind: 'view.source', play: 1, lost: 'source.ended' }), []);
  const [playing, problem] = session.step({ kind: 'view.connected', play: 1 });
  assert.deepEqual([playing, problem], [status('PLAYING'), status('PLAYBACK_PROBLEM Stopped by publisher stop')]);
});

test('a play that changes its size is told so, by the old event and the new, once', () => {
  const session = open();
  session.play();
  session.answer(1);
  session.step({ kind: 'view.connected', play: 1 });
  const audio = { codec: 'opus' };
  const media = { video: { codec: 'H264', width: 640, height: 360 }, audio };
  const size = { streamerVideoWidth: 640, streamerVideoHeight: 360 };
  assert.deepEqual(session.frames({ kind: 'view.media', play: 1, media }), [
    { message: 'notifyVideoFormat', data: [{ mediaSessionId: 'm', status: 'RESIZE', ...size }] },
    { message: 'notifyStreamEvent', data: [{ mediaSessionId: 'm', type: 'resize', payload: size }] },
  ]);
  assert.deepEqual(session.frames({ kind: 'view.media', play: 1, media: { ...media, audio: null } }), []);
  assert.deepEqual(session.frames({ kind: 'view.media', play: 1, media: { video: null, audio } }), []);
  // As where another thread takes over, and hears audio before it sees a keyframe.
  assert.deepEqual(session.frames({ kind: 'view.media', play: 1, media }), []);
});

test('a track that cannot be used is told with PLAYING, at the start and whenever that changes', () => {
  const session = open();
  session.play();
  session.answer(1);
  session.step({ kind: 'view.connected', play: 1 });
  const audio = { codec: 'opus' };
  const missing = [{ track: 'video', code: 'source.unreadableVideo', detail: 'noise' }] as const;
  const [event, ...others] = session.frames({ kind: 'view.media', play: 1, media: { video: null, audio, missing } });
  const { status: state, hasVideo, reason } = Object(event?.data[0]);
  assert.deepEqual([state, hasVideo, reason.code, others], ['PLAYING', false, 'source.unreadableVideo', []]);
  const [mended] = session.frames({ kind: 'view.media', play: 1, media: { video: null, audio } });
  assert.deepEqual([Object(mended?.data[0]).status, 'reason' in Object(mended?.data[0])], ['PLAYING', false]);
});

test('the rate of its video is told while it plays', () => {
  const session = open();
  session.play();
  session.answer(1);
  assert.deepEqual(session.frames({ kind: 'view.rate', play: 1, videoBps: 900_000 }), []);
  session.step({ kind: 'view.connected', play: 1 });
  assert.deepEqual(session.frames({ kind: 'view.rate', play: 1, videoBps: 900_000 }), [
    { message: 'outboundVideoRate', data: [{ mediaSessionId: 'm', videoRate: 900_000 }] },
  ]);
});

test('a play with transport TCP is answered with the candidates of TCP alone, if there are any', () => {
  const udp = 'a=candidate:1 1 udp 2130706431 192.0.2.1 31000 typ host';
  const tcp = 'a=candidate:2 1 tcp 2105458943 192.0.2.1 31000 typ host tcptype passive';
  const answerOf = (transport: string, ...candidates: readonly string[]): unknown => {
    const session = open();
    session.play('m', { transport });
    const answerSdp = ['v=0', ...candidates, 'a=end-of-candidates', ''].join('\r\n');
    const media = { video: null, audio: null };
    const [frame] = session.frames({ kind: 'view.answered', play: 1, viewerId: 'v', answerSdp, media });
    return String(frame?.data[1]).split('\r\n').slice(1, -2);
  };
  assert.deepEqual(answerOf('TCP', udp, tcp), [tcp]);
  assert.deepEqual(answerOf('TCP', udp), [udp]);
  assert.deepEqual(answerOf('UDP', udp, tcp), [udp, tcp]);
  assert.deepEqual(answerOf('', udp, tcp), [udp, tcp]);
});

test('what the source says reaches a play that is PLAYING, as an event of type data', () => {
  const session = open();
  session.play();
  session.answer(1);
  const data = { name: 'onTextData', values: [{ text: 'hello' }], timestampMs: 4_294_967_295 };
  assert.deepEqual(session.frames({ kind: 'view.data', play: 1, data }), []);
  session.step({ kind: 'view.connected', play: 1 });
  const event = { mediaSessionId: 'm', type: 'data', payload: data };
  assert.deepEqual(session.frames({ kind: 'view.data', play: 1, data }), [
    { message: 'notifyStreamEvent', data: [event] },
  ]);
  session.say('stopStream', { mediaSessionId: 'm' });
  assert.deepEqual(session.frames({ kind: 'view.data', play: 1, data }), []);
});

test('late news of an earlier play never meets the later one under the same mediaSessionId', () => {
  const session = open();
  session.play();
  session.say('stopStream', { mediaSessionId: 'm' });
  session.play();
  assert.deepEqual(session.step({ kind: 'view.connected', play: 1 }), []);
  assert.deepEqual(session.step({ kind: 'view.ended', play: 1, code: 'stream.failed' }), []);
  assert.deepEqual(session.answer(1), ['leave viewer1']);
  assert.deepEqual(session.answer(2), ['setRemoteSDP']);
});

test('a play that is not answered in time is FAILED, and its late answer let go', () => {
  const session = open();
  session.play();
  assert.deepEqual(session.at(9999).step({ kind: 'tick' }), ['ping']);
  const failed = [status('FAILED Publish stream is not ready')];
  assert.deepEqual(session.at(10_000).step({ kind: 'tick' }).slice(0, 1), failed);
  assert.deepEqual(session.answer(1), ['leave viewer1']);
});

test('a play that is answered and never connects is FAILED and let go', () => {
  const session = open();
  session.play();
  session.answer(1);
  const failed = ['leave viewer1', status('FAILED Failed by ICE timeout')];
  assert.deepEqual(session.at(10_000).step({ kind: 'tick' }).slice(0, 2), failed);
});

test('a play that plays is never failed by time', () => {
  const session = open();
  session.play();
  session.answer(1);
  session.step({ kind: 'view.connected', play: 1 });
  assert.deepEqual(session.at(3_600_000).step({ kind: 'tick' }), ['ping']);
});

test('terminated by REST is STOPPED, any other end FAILED with its word', () => {
  const session = open();
  session.play();
  session.answer(1);
  const stopped = [status('STOPPED Stopped by rest /terminate')];
  assert.deepEqual(session.step({ kind: 'view.ended', play: 1, code: null }), stopped);
  session.play();
  session.answer(2);
  const failed = [status('FAILED Failed by DTLS error')];
  assert.deepEqual(session.step({ kind: 'view.ended', play: 2, code: 'viewer.dtls' }), failed);
});

const refusals = [
  ['without a mediaSessionId', { mediaSessionId: '' }, 'MediaSessionId is null'],
  ['with a mediaSessionId that is no string', { mediaSessionId: { toString: 1 } }, 'MediaSessionId is null'],
  ['with an endless mediaSessionId', { mediaSessionId: 'm'.repeat(129) }, 'MediaSessionId is null'],
  ['without a name', { name: '' }, 'Bad URI'],
  ['with an endless name', { name: 'n'.repeat(2049) }, 'Bad URI'],
  ['over WSPlayer', { mediaProvider: 'WSPlayer' }, 'No common codecs'],
  ['with SDP that cannot be read', { sdp: 'no SDP' }, 'Failed by error'],
] as const;
for (const [what, more, info] of refusals) {
  test(`a play ${what} is FAILED "${info}"`, () => {
    assert.deepEqual(open().play('m', more), [status(`FAILED ${info}`)]);
  });
}

test('a provider that is not served is told in words how to play', () => {
  const text = JSON.stringify({
    message: 'playStream',
    data: [{ mediaSessionId: 'm', name: 'cam', mediaProvider: 'WSPlayer', sdp }],
  });
  const [event] = open().frames({ kind: 'text', text });
  const { code, text: words } = Object(event?.data[0]).reason;
  assert.equal(code, 'viewer.provider');
  assert.match(words, /let the page prefer WebRTC/);
});

test('a second play under a mediaSessionId in use is refused, and the first plays on', () => {
  const session = open();
  session.play();
  assert.deepEqual(session.play(), [status('FAILED MediaSessionId is already in use')]);
  assert.deepEqual(session.answer(1), ['setRemoteSDP']);
});

test('mediaSessionIds that name properties of objects are keys like any other', () => {
  const session = open();
  for (const [n, id] of ['__proto__', 'constructor', 'toString'].entries()) {
    assert.deepEqual(session.say('stopStream', { mediaSessionId: id }), []);
    assert.deepEqual(session.play(id), [status('PENDING'), `view ${n + 1} cam`]);
  }
});

test('a session plays as many streams as it may, 64 here, and one more when one is stopped', () => {
  const session = open();
  for (let n = 0; n < 64; n += 1) assert.equal(session.play(`m${n}`).length, 2);
  assert.deepEqual(session.play('m64'), [status('FAILED Too many streams in this session')]);
  session.say('stopStream', { mediaSessionId: 'm0' });
  assert.equal(session.play('m64').length, 2);
});

test('whatever a client sends in whatever order, the machine throws nothing and every viewer is let go in the end', () => {
  const id = fc.constantFrom('a', 'b', 'c');
  const say = (message: string) => id.map((mediaSessionId) => ({ say: message, mediaSessionId }));
  const play = fc.integer({ min: 1, max: 6 });
  const moves = fc.oneof(
    say('playStream'),
    say('stopStream'),
    play.map((number) => ({ answer: number })),
    play.map((number) => ({ input: { kind: 'view.connected', play: number } as const })),
    play.map((number) => ({ input: { kind: 'view.ended', play: number, code: null } as const })),
    fc.constant({ input: { kind: 'tick' } as const }),
    fc.json().map((text) => ({ input: { kind: 'text', text } as const })),
    fc.constant({ input: { kind: 'closed' } as const }),
  );
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 60 }), (sequence) => {
      const session = open();
      const present = new Set<string>();
      const asked = new Set<string>();
      const note = (words: readonly string[]): void => {
        for (const word of words) {
          if (word.startsWith('view ')) asked.add(word.split(' ')[1] ?? '');
          if (word.startsWith('leave ')) assert.ok(present.delete(word.slice(6)), `${word} twice, or never there`);
        }
      };
      for (const [n, move] of sequence.entries()) {
        session.at(n * 1000);
        if ('say' in move) note(session.say(move.say, { mediaSessionId: move.mediaSessionId, name: 'cam', sdp }));
        // The shell answers what it was asked for, once.
        else if ('answer' in move && asked.delete(String(move.answer))) {
          present.add(`viewer${move.answer}`);
          note(session.answer(move.answer));
        } else if ('input' in move) {
          if (move.input.kind === 'view.ended') present.delete(`viewer${move.input.play}`);
          note(session.step(move.input));
        }
      }
      note(session.step({ kind: 'closed' }));
      assert.deepEqual([...present], []);
    }),
  );
});

test('a play that goes on with less than its source sends is reported, in the words of the SDK', () => {
  const session = open();
  session.play();
  session.answer(1);
  session.step({ kind: 'view.connected', play: 1 });
  const info = '2500000/800000';
  assert.deepEqual(session.frames({ kind: 'view.lowered', play: 1, sourceKbps: 2500, estimateKbps: 800 }), [
    { message: 'notifyStreamEvent', data: [{ mediaSessionId: 'm', type: 'notEnoughBandwidth', payload: { info } }] },
    { message: 'notifyStreamStatusEvent', data: [{ mediaSessionId: 'm', status: 'NOT_ENOUGH_BANDWIDTH', info }] },
  ]);
  assert.deepEqual(session.step({ kind: 'view.lowered', play: 9, sourceKbps: 1, estimateKbps: 1 }), []);
});
