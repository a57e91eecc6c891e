/** The head of a request; what it says of its length and its host not everybody on its way reads alike. */
import { SluiceError } from '../errors.js';
import type { HttpRequest } from './http.js';

/**
 * Two lengths, or a length beside chunks, are two requests in the eyes of somebody (RFC 9112 6.3 and 11.2), and so is what
 * uWebSockets.js takes for chunks in any other coding (6.1). Of two Hosts its copy for Node 20 lets through both (3.2). Error:
 * request.invalid.
 */
export function checkHead({ header }: HttpRequest): void {
  const [length, coding] = [header('content-length'), header('transfer-encoding')];
  const isOne = length === '' || (/^\d+$/.test(length) && coding === '');
  if (!isOne) throw new SluiceError('request.invalid', 'Content-Length: it is not one number, or not the only length');
  if (!/^(chunked)?$/i.test(coding))
    throw new SluiceError('request.invalid', 'Transfer-Encoding: only chunked is read');
  if (hasTwoHosts(header)) throw new SluiceError('request.invalid', 'Host: there is more than one');
}

export const hasTwoHosts = (header: HttpRequest['header']): boolean => header('host').includes(',');

/** Also where its length cannot be told. */
export const hasBody = ({ header }: HttpRequest): boolean =>
  header('transfer-encoding') !== '' || !/^0*$/.test(header('content-length'));

/** Shared by the many requests without one. */
const noQuery = new URLSearchParams();
export const queryOf = (text: string | undefined): URLSearchParams =>
  text === undefined || text === '' ? noQuery : new URLSearchParams(text);
