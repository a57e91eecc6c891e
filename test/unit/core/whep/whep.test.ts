import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseFragment, writeRestart } from '../../../../src/core/sdp/fragment.js';
import { decideEndpoint, decideSession, isMediaType, type SessionAction } from '../../../../src/core/whep/whep.js';
import { SluiceError } from '../../../../src/errors.js';

const session = { iceTag: 'tag-1', viewerUfrag: 'abcd' };
const candidates = 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n';
const credentials = (ufrag: string): string => `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${'p'.repeat(22)}\r\n`;

const head = (method: string, contentType = '', ifMatch = '') => ({ method, contentType, ifMatch });
const patch = (ifMatch: string, contentType = 'application/trickle-ice-sdpfrag') => head('PATCH', contentType, ifMatch);

/** The action, or the code of the error. */
function outcome(decide: () => string | SessionAction): string {
  try {
    const action = decide();
    if (typeof action === 'string') return action;
    return action.kind === 'restart' ? `restart ${action.viewerUfrag}` : action.kind;
  } catch (error) {
    assert.ok(error instanceof SluiceError);
    return error.code;
  }
}

const atEndpoint = [
  [head('POST', 'application/sdp'), 'offer'],
  [head('POST', 'Application/SDP ; charset=utf-8'), 'offer'],
  [head('POST', 'application/json'), 'request.mediaType'],
  [head('POST'), 'request.mediaType'],
  [head('HEAD'), 'describe'],
  [head('GET'), 'nothing'],
  [head('PATCH'), 'route.methodNotAllowed'],
  [head('DELETE'), 'route.methodNotAllowed'],
] as const;
for (const [request, expected] of atEndpoint) {
  test(`${request.method} of "${request.contentType}" at the endpoint: ${expected}`, () => {
    assert.equal(
      outcome(() => decideEndpoint(request)),
      expected,
    );
  });
}

const atSession = [
  ['DELETE', head('DELETE'), '', 'end'],
  ['DELETE with an old tag', head('DELETE', '', '"old"'), '', 'end'],
  ['GET', head('GET'), '', 'nothing'],
  ['HEAD', head('HEAD'), '', 'nothing'],
  ['POST', head('POST', 'application/sdp'), '', 'route.methodNotAllowed'],
  ['PATCH with the tag', patch('"tag-1"'), candidates, 'trickle'],
  ['PATCH with one of several tags', patch('"old", "tag-1"'), candidates, 'trickle'],
  ['PATCH with a star', patch('*'), candidates, 'trickle'],
  ['PATCH with a star in quotes', patch('"*"'), candidates, 'trickle'],
  ['PATCH with Unix line ends', patch('*'), candidates.replaceAll('\r\n', '\n'), 'trickle'],
  ['PATCH with the known ufrag', patch('"tag-1"'), credentials('abcd'), 'trickle'],
  ['PATCH with a new ufrag', patch('*'), credentials('efgh'), 'restart efgh'],
  ['PATCH with a new ufrag and the tag', patch('"tag-1"'), credentials('efgh') + candidates, 'restart efgh'],
  ['PATCH with a new ufrag and an old tag', patch('"old"'), credentials('efgh'), 'session.preconditionFailed'],
  ['PATCH with a new ufrag without If-Match', patch(''), credentials('efgh'), 'session.preconditionRequired'],
  ['PATCH without If-Match', patch(''), candidates, 'session.preconditionRequired'],
  ['PATCH with an old tag', patch('"old"'), candidates, 'session.preconditionFailed'],
  ['PATCH with a weak tag', patch('W/"tag-1"'), candidates, 'trickle'],
  ['PATCH with a bare tag', patch('tag-1'), candidates, 'trickle'],
  ['PATCH with an old weak tag', patch('W/"old"'), candidates, 'session.preconditionFailed'],
  ['PATCH with an old bare tag', patch('old'), candidates, 'session.preconditionFailed'],
  ['PATCH with a new ufrag and a weak tag', patch('W/"tag-1"'), credentials('efgh'), 'restart efgh'],
  ['PATCH without a candidate and If-Match', patch(''), 'm=audio 9 RTP/AVP 0\r\na=end-of-candidates\r\n', 'trickle'],
  ['PATCH with the known ufrag without If-Match', patch(''), credentials('abcd'), 'trickle'],
  ['PATCH without anything', head('PATCH'), '', 'trickle'],
  ['PATCH without a body and with an old tag', patch('"old"'), '', 'trickle'],
  ['PATCH without a body, of another type', patch('', 'application/json'), '', 'request.mediaType'],
  ['PATCH with SDP', patch('*', 'application/sdp'), candidates, 'request.mediaType'],
  ['PATCH without a body', patch('*'), '', 'trickle'],
  ['PATCH with a body that is no SDP', patch('*'), 'hello\r\n', 'request.invalid'],
  ['PATCH with a ufrag alone', patch('*'), 'a=ice-ufrag:abcd\r\n', 'request.invalid'],
  ['PATCH with a ufrag of forbidden letters', patch('*'), credentials('ab cd'), 'request.invalid'],
] as const;
for (const [what, request, body, expected] of atSession) {
  test(`${what} at a session: ${expected}`, () => {
    assert.equal(
      outcome(() => decideSession(request, body, session)),
      expected,
    );
  });

  test(`${what} at a session that is gone: session.notFound`, () => {
    assert.equal(
      outcome(() => decideSession(request, body, undefined)),
      'session.notFound',
    );
  });
}

test('media types are compared without parameters and letter case, and never by their beginning', () => {
  assert.equal(isMediaType('APPLICATION/JSON;charset=UTF-8', 'application/json'), true);
  assert.equal(isMediaType('application/json-seq', 'application/json'), false);
  assert.equal(isMediaType('', 'application/json'), false);
});

test("an ICE restart is answered with the answer's transport and new credentials", () => {
  const answer = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 1',
    'a=ice-lite',
    'a=ice-options:ice2',
    'm=audio 0 UDP/TLS/RTP/SAVPF 111',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=inactive',
    'm=video 40000 UDP/TLS/RTP/SAVPF 102',
    'c=IN IP4 192.0.2.7',
    'a=mid:1',
    'a=sendonly',
    'a=ice-ufrag:oldfrag',
    'a=ice-pwd:oldpassword',
    'a=setup:passive',
    'a=rtcp-mux',
    'a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host',
    'a=end-of-candidates',
    '',
  ].join('\r\n');
  assert.deepEqual(writeRestart(answer, 'newfrag', 'newpassword').split('\r\n'), [
    'a=group:BUNDLE 1',
    'a=ice-lite',
    'a=ice-options:ice2',
    'm=video 40000 UDP/TLS/RTP/SAVPF 102',
    'a=mid:1',
    'a=ice-ufrag:newfrag',
    'a=ice-pwd:newpassword',
    'a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host',
    'a=end-of-candidates',
    '',
  ]);
  // An answer without mid and BUNDLE, for an offer that has neither.
  const plain = answer.replaceAll(/a=(mid|group).*\r\n/g, '');
  assert.match(
    writeRestart(plain, 'newfrag', 'newpassword'),
    /^a=ice-lite\r\na=ice-options:ice2\r\nm=video .*\r\na=ice-ufrag/,
  );
});

test('of any text a fragment is read or a WireError thrown, nothing else', () => {
  const lines = fc.constantFrom('a=ice-ufrag:', 'a=ice-pwd:', 'a=candidate:', 'm=', '\r\n', '\n', 'abcd', 'é');
  const texts = fc.oneof(
    fc.string(),
    fc.array(lines, { maxLength: 600 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parseFragment(text);
      } catch (error) {
        assert.ok(error instanceof WireError);
      }
    }),
  );
});
