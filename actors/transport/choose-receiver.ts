/** Chooses who receives: the add-on where it is built, unless TypeScript is wanted (webrtc.fanout). */
import { loadNativeReceiver } from './native-receiver.js';
import type { Receiver } from './receiver.js';
import { createReceiverJs } from './receiver-js.js';
import { createReceiverNative } from './receiver-native.js';

export function createReceiver(wanted: 'auto' | 'native' | 'js'): Receiver {
  const Native = wanted === 'js' ? null : loadNativeReceiver();
  return Native === null ? createReceiverJs() : createReceiverNative(Native);
}
