/** What is used of werift, and by tree shaking the only part of it that the bundle has: loaded with the first viewer, or before. */
export { DtlsServer, HashAlgorithm, SignatureAlgorithm } from 'werift';
