/** Servers that ask who may play, for the tests of playback. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Settings } from '../../src/config/schema.js';
import type { Revocation } from '../../src/core/guard/passes.js';
import { tokenSecret } from '../support/server/tokens.js';
import { type Answer, offer, type ServerStage, startStage } from './stage.js';

const ends: (() => unknown)[] = [];

export const onEnd = (end: () => unknown): void => void ends.push(end);
/** To be called after each test. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

export async function start(
  playback: Partial<Settings['playback']> = { secrets: [tokenSecret] },
  revocations?: { known: Revocation[]; keep: (revoked: readonly Revocation[]) => void },
): Promise<ServerStage> {
  const stage = await startStage({ settings: { playback }, ...(revocations === undefined ? {} : { revocations }) });
  onEnd(stage.end);
  return stage;
}

/** By HTTP on a free port of loopback. */
export async function startBackEnd(
  answer: (path: string, body: string) => { status: number; body?: string },
): Promise<string> {
  const server = createServer(async (request, response) => {
    const { status, body = '' } = answer(request.url ?? '', await text(request));
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${Object(server.address()).port}`;
}

export const post = (
  stage: ServerStage,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  stage.ask(path, { method: 'POST', headers: { 'Content-Type': 'application/sdp', ...headers }, body: offer() });
export const whep = (stage: ServerStage, token: string, name = 'cam'): Promise<Answer> =>
  post(stage, `/whep/${name}`, { Authorization: `Bearer ${token}` });
export const codeOf = (answer: Answer): string => String(answer.json().code);
export const nowS = (): number => Math.floor(Date.now() / 1000);
