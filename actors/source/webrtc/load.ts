/** What speaks to WebRTC sources is a script of its own: threads of other streams do not load it. */
import type { openWebRtcSession } from './session.js';

export interface Receiving {
  readonly openWebRtcSession: typeof openWebRtcSession;
}

export type LoadReceiving = () => Promise<Receiving>;
