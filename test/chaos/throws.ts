/**
 * Exceptions one by one, each out of one place in the code of a stream's thread, where it may be caught: either the thread ends, or
 * all goes on. No state may last in which a stream or one of its viewers gets nothing and nobody is told.
 */
import assert from 'node:assert/strict';
import { printTable, writeResult } from '../bench/report.js';
import { whenStatus } from '../support/server/pulls.js';
import type { LogLine } from '../support/server/sluice.js';
import { openWebSocket, type WebSocketClient } from '../support/server/websocket-client.js';
import { until } from '../support/until.js';
import type { WhepViewer } from '../support/viewer/whep-viewer.js';
import { isSeenAgain } from './feel.js';
import { type ChaosStage, type ChaosStream, setChaosStage } from './stage.js';

const drillMs = 15_000;
/** A thread that ends does so at once. */
const endMs = 1500;
const backMs = 15_000;
const messagesAgain = 20;

interface Taker {
  readonly stream: ChaosStream;
  socket: WebSocketClient;
}

interface Thrown {
  readonly kind: string;
  readonly at: string;
  readonly hasEnded: boolean;
  /** Viewers whose session was over then. */
  readonly ended: number;
}

const openTaker = ({ sluice }: ChaosStage, { name }: ChaosStream): Promise<WebSocketClient> =>
  openWebSocket(`${sluice.rest.replace('http', 'ws')}/mse/${name}`);

async function isRefused(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    () => true,
  );
}

/** Whether the server says that it knows no session of this viewer. */
const isGone = ({ leave }: WhepViewer): Promise<boolean> =>
  leave().then(
    () => false,
    (error: unknown) => /answered 404/.test(String(error)),
  );

/** Also where the server knows nothing of it any more. */
async function leaveAtOnce(viewer: WhepViewer): Promise<void> {
  await viewer.leave().finally(() => viewer.close());
}

/** Viewers come and go until it has thrown. */
async function throwOnce(stage: ChaosStage, stream: ChaosStream): Promise<LogLine> {
  const { sluice } = stage;
  const since = sluice.child.lines.length;
  await sluice.post('/api/fault', { name: stream.name, fault: 'throwOnce' });
  let found: LogLine | undefined;
  let isOver = false;
  const comeAndGo = async (): Promise<void> => {
    while (!isOver) await isRefused(stage.join(stream).then(leaveAtOnce));
  };
  const visitors = comeAndGo();
  try {
    found = await until(
      'it throws',
      () => sluice.log(since).find(({ event, name }) => event === 'drill.throws' && name === stream.name),
      drillMs,
    );
  } finally {
    isOver = true;
    await visitors;
  }
  return found;
}

async function hasEnded({ sluice }: ChaosStage, stream: ChaosStream, since: number): Promise<boolean> {
  const ended = () => sluice.log(since).some(({ event, name }) => event === 'actor.ended' && name === stream.name);
  return !(await isRefused(until('its end', ended, endMs)));
}

/** Video and sound go on; or its session is over, and another one is begun. Gives whether it was over. */
async function goesOn(stage: ChaosStage, stream: ChaosStream, n: number): Promise<boolean> {
  const viewer = stream.viewers[n] ?? assert.fail();
  const sounds = viewer.audio().length;
  const hearsAgain = (): boolean => viewer.audio().length > sounds + messagesAgain;
  const seen = await isSeenAgain(viewer, viewer.video().length, backMs);
  if (seen && !(await isRefused(until('sound again', hearsAgain, backMs)))) return false;
  assert.ok(
    await isGone(viewer),
    `a viewer of ${stream.name} ${seen ? 'hears' : 'sees'} nothing, and its session goes on`,
  );
  viewer.close();
  stream.viewers[n] = await joinSoon(stage, stream);
  return true;
}

async function takesOn(stage: ChaosStage, taker: Taker): Promise<void> {
  const { socket } = taker;
  const before = socket.binaries.length;
  const isClosed = socket.closed.then(() => true);
  const goes = until('fragments', () => socket.binaries.length > before + messagesAgain, backMs).then(() => false);
  if (await Promise.race([isClosed, goes])) taker.socket = await openTaker(stage, taker.stream);
}

async function newcomerSees(stage: ChaosStage, stream: ChaosStream): Promise<void> {
  const viewer = await joinSoon(stage, stream);
  await viewer.whenVideo(messagesAgain);
  await isRefused(leaveAtOnce(viewer));
}

/** A server that is short of CPU lets nobody in for a while. */
const joinSoon = (stage: ChaosStage, stream: ChaosStream): Promise<WhepViewer> =>
  until(`${stream.name} can be joined`, () => stage.join(stream).catch(() => undefined), backMs);

async function round(stage: ChaosStage, taker: Taker): Promise<Thrown> {
  const { stream } = taker;
  const since = stage.sluice.child.lines.length;
  const { kind, at } = await throwOnce(stage, stream);
  const ended = await hasEnded(stage, stream, since);
  await whenStatus(stage.sluice, stream.name, 'PROCESSED_REMOTE', backMs);
  const over = await Promise.all(stream.viewers.map((_, n) => goesOn(stage, stream, n)));
  await takesOn(stage, taker);
  await newcomerSees(stage, stream);
  return { kind: String(kind), at: String(at), hasEnded: ended, ended: over.filter((isOver) => isOver).length };
}

/** Each stream's go one after the other, beside those of the others. */
export async function throwOneByOne(times: number): Promise<void> {
  const stage = await setChaosStage({ viewers: [0, 1, 2, 2], withSound: true, inBrowsers: 0, isRecorded: false });
  const thrown: Thrown[] = [];
  let left = times;
  const work = async (stream: ChaosStream): Promise<void> => {
    const taker: Taker = { stream, socket: await openTaker(stage, stream) };
    while (left > 0) {
      left -= 1;
      const one = await round(stage, taker);
      thrown.push(one);
      const what = `${one.hasEnded ? 'ended' : 'goes on'}, ${one.ended} viewers ended`;
      console.log(`  ${thrown.length} ${stream.name} ${one.kind}, ${one.at}: ${what}`);
    }
  };
  try {
    await Promise.all(stage.streams.map(work));
  } finally {
    await stage.end();
  }
  const rows = [...new Set(thrown.map(({ kind }) => kind))].sort().map((kind) => {
    const ofKind = thrown.filter((one) => one.kind === kind);
    const viewersEnded = ofKind.reduce((sum, { ended }) => sum + ended, 0);
    return {
      kind,
      times: ofKind.length,
      'thread ended': ofKind.filter((one) => one.hasEnded).length,
      'viewers ended': viewersEnded,
    };
  });
  printTable('exceptions by the callback that they were thrown in', rows);
  writeResult('throws', { times, rows, thrown });
}
