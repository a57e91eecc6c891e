/** Chooses the implementation of the fan-out: the add-on where it is built, else TypeScript (webrtc.fanout). */
import { SluiceError } from '../../src/errors.js';
import type { CreateFanout, Fanout } from './fanout.js';
import { createFanoutJs } from './fanout-js.js';
import { createFanoutNative } from './fanout-native.js';
import { loadNativeFanout } from './native-binding.js';

/** Error: config.invalid when the add-on is insisted on and was not built. */
export function createFanout(wanted: 'auto' | 'native' | 'js', histories: Parameters<CreateFanout>[0]): Fanout {
  const Native = wanted === 'js' ? null : loadNativeFanout();
  if (Native !== null) return createFanoutNative(Native, histories);
  if (wanted === 'native') {
    throw new SluiceError(
      'config.invalid',
      'webrtc.fanout is native, and the add-on was not built here: use auto or js',
    );
  }
  return createFanoutJs(histories);
}
