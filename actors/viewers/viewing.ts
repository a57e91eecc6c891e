/** The code that a thread needs for viewers: loaded with the first one, or before, for a stream that nobody watches has no use for it. */
export { loadNativeFanout } from '../fanout/native-binding.js';
export { createEndpoint } from '../transport/endpoint.js';
export { createEncodings } from './encodings.js';
export { Viewer } from './viewer.js';
