/** The script that a thread loads for its first WebRTC source (actors/stream/stream-code.ts). */
export { openWebRtcSession } from './session.js';
