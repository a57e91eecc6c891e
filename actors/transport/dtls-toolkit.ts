/** What is used of werift, and by tree shaking the only part of it that the bundle has. */
export { DtlsServer, HashAlgorithm, SignatureAlgorithm } from 'werift';
