/**
 * In place of packages that werift loads and Sluice never calls: @peculiar/x509 (it makes certificates) and multicast-dns (it
 * resolves candidates). Their code was more than half of what a thread read for its first viewer.
 */
const unused = (what: string) => (): never => {
  throw new Error(`${what} is not part of this build`);
};

/** werift hands it its WebCrypto as it is loaded. */
export const cryptoProvider = { set(): void {} };
export const X509CertificateGenerator = { createSelfSigned: unused('@peculiar/x509') };
export const PemConverter = { encode: unused('@peculiar/x509') };

export default unused('multicast-dns');
