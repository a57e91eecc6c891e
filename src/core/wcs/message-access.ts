/**
 * Every message that a client of WCS signalling may send, and what it asks for: `playback` is for who may play (a token, where
 * tokens are asked for), `open` for anybody who has a socket. All others are ignored.
 */
export const messageAccess = {
  connection: 'open',
  // By the token of a session, whose plays have been let in.
  connectMediaTransport: 'open',
  ping: 'open',
  pong: 'open',
  playStream: 'playback',
  stopStream: 'open',
  availableStream: 'playback',
  sendData: 'open',
  // Nothing is kept of it.
  submitBugReport: 'open',
  sessionDebug: 'open',
  snapshot: 'playback',
  publishStream: 'open',
} as const;

export const isKnownMessage = (message: string): message is keyof typeof messageAccess =>
  Object.hasOwn(messageAccess, message);
