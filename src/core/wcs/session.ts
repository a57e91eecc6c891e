/**
 * One WCS signalling session as a pure machine: the client's frames, the supervisor's news and the time go in, frames and
 * wishes come out (docs/wcs.md 3).
 */
import { type ErrorCode, errorTable, whyNotLive } from '../../errors.js';
import { WireError } from '../bytes/wire-error.js';
import { createRateLimit } from '../guard/rate.js';
import type { WcsInput, WcsOutput, WcsSettings } from './contract.js';
import type { WcsFrame } from './frame.js';
import { availability, failed, parseFrame, readArgument, snapshotFailed, userData } from './messages.js';
import { createWcsPlays } from './plays.js';

export interface WcsSession {
  step(input: WcsInput, nowMs: number): readonly WcsOutput[];
}

/** keep_alive.server_interval and keep_alive.probes of WCS. */
const pingEveryMs = 5000;
const maxUnanswered = 10;
const connectionTimeoutMs = 10_000;
const maxMalformed = 10;
const messagesPerMinute = 1200;
const messagesAtOnce = 100;
/** RFC 6455 7.4.1. */
const closeBadData = 1007;
const closePolicy = 1008;

export function createWcsSession(settings: WcsSettings, openedMs: number): WcsSession {
  const rate = createRateLimit({ perMinute: messagesPerMinute, burst: messagesAtOnce });
  let outputs: WcsOutput[] = [];
  const plays = createWcsPlays(settings.startTimeoutMs, (...added) => outputs.push(...added));
  let isEstablished = false;
  let isClosed = false;
  let malformed = 0;
  let unanswered = 0;
  let pingMs = openedMs + pingEveryMs;

  const send = (frame: WcsFrame): void => {
    outputs.push({ kind: 'send', frame });
  };
  const log = (level: 'debug' | 'warn', event: string, fields: Readonly<Record<string, string | number>>): void => {
    outputs.push({ kind: 'log', level, event, fields });
  };
  const close = (code: number, reason: string): void => {
    log('warn', 'wcs.closing', { code, reason });
    outputs.push({ kind: 'close', code, reason });
    isClosed = true;
    plays.free();
  };

  const receive = (frame: WcsFrame, nowMs: number): void => {
    const argument = readArgument(frame);
    switch (frame.message) {
      case 'connection':
        isEstablished = true;
        send(userData(frame, settings.authToken));
        break;
      case 'ping':
        send({ message: 'pong', data: [null] });
        break;
      case 'pong':
        break;
      case 'playStream':
        if (isEstablished) plays.start(argument, nowMs);
        else send(failed(argument, 'Session not ready'));
        break;
      case 'stopStream':
        plays.stop(argument.mediaSessionId);
        break;
      case 'availableStream':
        outputs.push({ kind: 'find', mediaSessionId: argument.mediaSessionId, name: argument.name });
        break;
      case 'sendData':
        send({ message: 'DataStatusEvent', data: [{ operationId: argument.operationId, status: 'ACCEPTED' }] });
        break;
      case 'snapshot':
        // REST gives it whole; here it would be larger than what may wait for a slow reader.
        send(snapshotFailed(argument, 'Snapshots are taken by /rest-api/stream/snapshot'));
        break;
      case 'publishStream':
        // No streams are taken from browsers; left unanswered, the SDK would wait in PENDING for ever.
        send(failed(argument, errorTable['control.forbidden'].info));
        break;
      default:
        log('debug', 'wcs.ignored', { message: frame.message });
        break;
    }
  };

  const readText = (text: string, nowMs: number): void => {
    // Any frame shows that the client lives, not only a pong.
    unanswered = 0;
    if (!rate.take('', nowMs)) {
      close(closePolicy, 'too many messages');
      return;
    }
    try {
      receive(parseFrame(text), nowMs);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      malformed += 1;
      log('debug', 'wcs.malformed', { reason: error.message });
      if (malformed >= maxMalformed) close(closeBadData, 'malformed frames');
    }
  };

  const ping = (nowMs: number): void => {
    if (unanswered >= maxUnanswered) {
      close(closePolicy, 'Terminated by keep-alive');
      return;
    }
    unanswered += 1;
    pingMs = nowMs + pingEveryMs;
    send({ message: 'ping', data: [null] });
  };

  const tick = (nowMs: number): void => {
    plays.expire(nowMs);
    if (!isEstablished) {
      if (nowMs - openedMs >= connectionTimeoutMs) close(closePolicy, 'no connection message');
    } else if (nowMs >= pingMs) {
      ping(nowMs);
    }
  };

  const apply = (input: WcsInput, nowMs: number): void => {
    switch (input.kind) {
      case 'text':
        readText(input.text, nowMs);
        break;
      case 'binary':
        log('debug', 'wcs.ignored', { message: 'a binary frame' });
        break;
      case 'tick':
        tick(nowMs);
        break;
      case 'view.answered':
        plays.answered(input);
        break;
      case 'view.failed':
        plays.ended(input.play, input.code);
        break;
      case 'view.lowered':
        plays.lowered(input.play, input.sourceKbps, input.estimateKbps);
        break;
      case 'view.connected':
        plays.connected(input.play);
        break;
      case 'view.data':
        plays.said(input.play, input.data);
        break;
      case 'view.ended':
        plays.ended(input.play, input.code);
        break;
      case 'found': {
        const code = unavailable(input);
        send(availability(input.mediaSessionId, code === null ? null : errorTable[code].info));
        break;
      }
      case 'closed':
        isClosed = true;
        plays.free();
        break;
      default:
        input satisfies never;
    }
  };

  return {
    step(input, nowMs) {
      outputs = [];
      // After the end only a late answer matters: its viewer is let go.
      if (!isClosed || input.kind === 'view.answered') apply(input, nowMs);
      return outputs;
    },
  };
}

/** Why a stream cannot be played now; null when it can. An address that nobody pulls yet is pulled for whoever plays it. */
function unavailable({ name, state, reason }: Extract<WcsInput, { kind: 'found' }>): ErrorCode | null {
  if (state === 'PROCESSED_REMOTE') return null;
  if (state !== null) return whyNotLive(reason);
  return /^rtmps?:\/\//i.test(name) ? null : 'stream.notFound';
}
