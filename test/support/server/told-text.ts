/** What a server tells in a reply that goes on, such as server-sent events, as far as it was waited for. */
import assert from 'node:assert/strict';

export interface ToldText {
  /** All so far. */
  readonly text: string;
  /** Reads until it is there, a text or a pattern; fails when the reply ends before. */
  until(wanted: string | RegExp): Promise<void>;
  /** Resolves when the server ends the reply. */
  whole(): Promise<void>;
  cancel(): Promise<void>;
}

export function readTold(response: Response): ToldText {
  const reader = (response.body ?? assert.fail('no body')).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const has = (wanted: string | RegExp): boolean =>
    typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
  return {
    get text() {
      return text;
    },
    async until(wanted) {
      while (!has(wanted)) text += (await reader.read()).value ?? assert.fail(text);
    },
    async whole() {
      for (;;) {
        const { done, value = '' } = await reader.read();
        if (done) return;
        text += value;
      }
    },
    cancel: () => reader.cancel(),
  };
}
