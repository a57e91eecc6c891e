/** What is told of a play: to its client, and to the back end of its application. */
import type { Emit } from './contract.js';
import type { WcsFrame } from './frame.js';
import type { HookFields } from './hook-policy.js';
import { bandwidthEvents, resizeEvents, streamAtRest, type WcsStatusEvent } from './messages.js';
import { describe, type Play, type Why, whyOf } from './play.js';
import type { SessionHooks } from './session-hooks.js';

export class PlayReports {
  readonly #sessionId: string;
  readonly #hooks: SessionHooks;
  readonly #emit: Emit;

  constructor(sessionId: string, hooks: SessionHooks, emit: Emit) {
    this.#sessionId = sessionId;
    this.#hooks = hooks;
    this.#emit = emit;
  }

  /** To both. */
  status(play: Play, status: WcsStatusEvent['status'], why?: Why): void {
    const event = describe(play, status, why);
    const { mediaSessionId } = event;
    // The SDK can do without any other field.
    const fields = { ...this.#hooks.forClient('StreamStatusEvent', { ...event }), mediaSessionId, status };
    this.#send({ message: 'notifyStreamStatusEvent', data: [fields] });
    this.tellBackEnd(event);
  }

  /** Whether there is anything to see now. */
  source(play: Play): void {
    if (play.lost === null) this.status(play, 'PLAYING');
    else this.status(play, 'PLAYBACK_PROBLEM', whyOf(play.lost));
  }

  tellBackEnd(event: WcsStatusEvent): void {
    // Back ends know the statuses of WCS, which has no name for this one in its REST.
    if (event.status === 'PLAYBACK_PROBLEM') return;
    this.#hooks.tell('StreamStatusEvent', this.named({ ...streamAtRest, ...event }));
  }

  /** As a back end gets them. */
  named(fields: HookFields): HookFields {
    return { sessionId: this.#sessionId, ...fields };
  }

  answer({ mediaSessionId, answerSdp }: Play): void {
    this.#send({ message: 'setRemoteSDP', data: [mediaSessionId, answerSdp] });
  }

  /** Nothing while the video is away, nor when it is back as it was. */
  size(play: Play): void {
    const { width, height } = play.media?.video ?? { width: 0, height: 0 };
    if (width === 0 || (width === play.toldSize.width && height === play.toldSize.height)) return;
    play.toldSize = { width, height };
    for (const frame of resizeEvents(play.mediaSessionId, width, height)) this.#send(frame);
  }

  lowered({ mediaSessionId }: Play, sourceKbps: number, estimateKbps: number): void {
    for (const frame of bandwidthEvents(mediaSessionId, sourceKbps, estimateKbps)) this.#send(frame);
  }

  /** Before PLAYING the SDK has nobody who would listen. */
  whilePlaying({ isPlaying }: Play, frame: WcsFrame): void {
    if (isPlaying) this.#send(frame);
  }

  #send(frame: WcsFrame): void {
    this.#emit({ kind: 'send', frame });
  }
}
