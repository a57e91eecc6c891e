/**
 * Server-sent events (HTML Living Standard 9.2) by fetch: EventSource sends no Authorization, and says nothing of a refusal.
 * Understands `event` and `data`; no id, no retry.
 */
import { readRefusal } from './http-refusal.js';

export interface ServerSentEvent {
  readonly name: string;
  /** Parsed JSON. */
  readonly data: unknown;
}

/** Until the server ends it, or `signal` does. Errors: HttpRefusal; what fetch throws. */
export async function readEvents(
  url: URL,
  init: RequestInit,
  onEvent: (event: ServerSentEvent) => void,
): Promise<void> {
  const response = await fetch(url, { ...init, cache: 'no-store' });
  if (!response.ok || response.body === null) throw await readRefusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) onEvent(event);
    }
  }
}

/** Null for a comment. */
function parseBlock(block: string): ServerSentEvent | null {
  let name = 'message';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice('event: '.length);
    if (line.startsWith('data: ')) data += line.slice('data: '.length);
  }
  return data === '' ? null : { name, data: JSON.parse(data) };
}
