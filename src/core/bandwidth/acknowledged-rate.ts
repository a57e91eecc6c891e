/** The rate at which packets arrive: R_hat of draft-ietf-rmcat-gcc-02 5.5, over the last quarter of a second. */
const windowMs = 250;
/** In a shorter time one frame more or less would decide. */
const leastMs = 150;

export interface AcknowledgedRate {
  see(arrivedMs: number, bytes: number): void;
  /** Bits a second; null while too little came. */
  readonly bps: number | null;
}

export function createAcknowledgedRate(): AcknowledgedRate {
  let seen: { readonly arrivedMs: number; readonly bytes: number }[] = [];
  let bytesSeen = 0;
  let newestMs = Number.NEGATIVE_INFINITY;

  return {
    see(arrivedMs, bytes) {
      newestMs = Math.max(newestMs, arrivedMs);
      seen.push({ arrivedMs, bytes });
      bytesSeen += bytes;
      const tooOld = seen.findIndex((one) => newestMs - one.arrivedMs < windowMs);
      for (const one of seen.slice(0, tooOld)) bytesSeen -= one.bytes;
      if (tooOld > 0) seen = seen.slice(tooOld);
    },
    get bps() {
      const [oldest] = seen;
      const spanMs = oldest === undefined ? 0 : newestMs - oldest.arrivedMs;
      // The oldest packet came at the beginning of the span: its bytes are not of it.
      return oldest === undefined || spanMs < leastMs ? null : ((bytesSeen - oldest.bytes) * 8000) / spanMs;
    },
  };
}
