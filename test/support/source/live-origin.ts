/** An RTMP source on loopback whose video and audio become others while it plays, on one clock, in one session. */
import { openOrigin } from '../../../actors/demo/origin.js';
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import type { FlvTag } from './flv-file.js';

/** What is played over and over, in the order of time: headers first, then frames that last equally long. */
export interface Loop {
  readonly headers: readonly Uint8Array[];
  readonly frames: readonly Uint8Array[];
  readonly frameMs: number;
}

export interface LiveOrigin {
  readonly uri: string;
  /** From the next frame on, which is a loop's first, it shows and plays something else; null: nothing. Gives performance.now(). */
  become(next: { readonly video?: Loop; readonly audio?: Loop | null }): number;
  close(): Promise<void>;
}

const tickMs = 5;

/** The tags of one track. Frames begin with a keyframe; what is behind the last one is left out, so that loops join. */
export function loopOf(track: 'audio' | 'video', tags: readonly FlvTag[], frameMs: number): Loop {
  const bodies = tags.filter((tag) => tag.track === track).map(({ body }) => body);
  const kindOf = (body: Uint8Array) => (track === 'video' ? parseVideoTag(body) : parseAudioTag(body)).kind;
  const frames = bodies.filter((body) => kindOf(body) === 'frame');
  const lastKey = frames.findLastIndex((body) => track === 'video' && isKey(body));
  return {
    headers: bodies.filter((body) => kindOf(body) === 'config'),
    frames: lastKey > 0 ? frames.slice(0, lastKey) : frames,
    frameMs,
  };
}

function isKey(body: Uint8Array): boolean {
  const tag = parseVideoTag(body);
  return tag.kind === 'frame' && tag.isKeyframe;
}

export async function startLiveOrigin(video: Loop, audio: Loop | null): Promise<LiveOrigin> {
  const header = (loop: Loop | null): Uint8Array => loop?.headers[0] ?? new Uint8Array();
  const origin = await openOrigin(0, { video: header(video), audio: header(audio) }, () => {});
  const startMs = performance.now();
  const say = (track: 'audio' | 'video', timestampMs: number, body: Uint8Array): void =>
    origin.frame({ track, isKeyframe: track === 'video' && isKey(body), timestampMs: Math.round(timestampMs), body });
  const tracks = { video: play('video', video), audio: play('audio', audio) };

  /** One track on the clock of the source. */
  function play(track: 'audio' | 'video', first: Loop | null) {
    let loop = first;
    let next = 0;
    let dueMs = 0;
    return {
      become(other: Loop | null, nowMs: number): void {
        if (loop === null) dueMs = Math.max(dueMs, nowMs);
        [loop, next] = [other, 0];
        for (const body of other?.headers ?? []) say(track, dueMs, body);
      },
      tick(nowMs: number): void {
        for (; loop !== null && dueMs <= nowMs; dueMs += loop.frameMs) {
          const body = loop.frames[next % loop.frames.length];
          if (body !== undefined) say(track, dueMs, body);
          next += 1;
        }
      },
    };
  }

  const timer = setInterval(() => {
    for (const track of [tracks.video, tracks.audio]) track.tick(performance.now() - startMs);
  }, tickMs);
  return {
    uri: `rtmp://127.0.0.1:${origin.port}/live/changing`,
    become(next) {
      const atMs = performance.now();
      if (next.video !== undefined) tracks.video.become(next.video, atMs - startMs);
      if (next.audio !== undefined) tracks.audio.become(next.audio, atMs - startMs);
      return atMs;
    },
    async close() {
      clearInterval(timer);
      await origin.close();
    },
  };
}
