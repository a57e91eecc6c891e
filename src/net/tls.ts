/**
 * TLS towards a source, loaded with the first rtmps:// address: in the thread of each other stream it would take 0.6 MB and 2.6 ms
 * of the start.
 */
import { isIP, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { connect, createSecureContext, rootCertificates, type SecureContext, TLSSocket } from 'node:tls';
import { SluiceError } from '../errors.js';

let trusted: { readonly caPem: string; readonly context: SecureContext } | null = null;

/** Made once a thread: reading the public authorities takes some milliseconds. */
function trust(caPem: string): SecureContext {
  if (trusted?.caPem !== caPem) {
    trusted = { caPem, context: createSecureContext(caPem === '' ? {} : { ca: [...rootCertificates, caPem] }) };
  }
  return trusted.context;
}

/** `name`: of the URI, against which the certificate is checked; without a name, against the address. */
export const connectTls = (target: TcpSocketConnectOpts, name: string, caPem: string): Socket =>
  connect({
    ...target,
    servername: isIP(name) === 0 ? name : '',
    rejectUnauthorized: true,
    secureContext: trust(caPem),
  });

/** OpenSSL's or Node's name for what is wrong with the certificate; null when something else failed. */
export function distrust(socket: Socket): SluiceError | null {
  const authorizationError = socket instanceof TLSSocket ? socket.authorizationError : null;
  // A string, whatever its type says; null, or not there, while no certificate was refused.
  return authorizationError ? new SluiceError('source.untrusted', String(authorizationError)) : null;
}
